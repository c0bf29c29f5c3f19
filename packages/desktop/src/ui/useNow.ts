/**
 * The present, for what counts up on screen. All that asks for the same interval shares one timer; none runs while the
 * page is hidden, and on return everything is brought up to date at once.
 */
import { useSyncExternalStore } from "react"
import { nextFrame } from "./nextFrame.ts"
import { present } from "./present.ts"

export const useNow = (intervalMs = 1000): number => {
  const clock = clockOf(intervalMs)
  return useSyncExternalStore(clock.subscribe, clock.read, clock.read)
}

type Clock = { readonly subscribe: (listener: () => void) => () => void; readonly read: () => number }

const clocks = new Map<number, Clock>()

const clockOf = (intervalMs: number): Clock => {
  const known = clocks.get(intervalMs)
  if (known !== undefined) return known
  const made = makeClock(intervalMs)
  clocks.set(intervalMs, made)
  return made
}

const makeClock = (intervalMs: number): Clock => {
  const listeners = new Set<() => void>()
  let now = present()
  let timer: ReturnType<typeof setInterval> | undefined

  const tell = () => {
    now = present()
    for (const listener of listeners) listener()
  }
  // However often it ticks until then, it is told once.
  const tick = () => void nextFrame(tell)
  const run = () => {
    if (timer === undefined && document.visibilityState !== "hidden") timer = setInterval(tick, intervalMs)
  }
  const rest = () => {
    clearInterval(timer)
    timer = undefined
  }
  const onVisibility = () => {
    if (document.visibilityState === "hidden") return rest()
    tick()
    run()
  }

  return {
    subscribe: (listener) => {
      listeners.add(listener)
      if (listeners.size === 1) {
        document.addEventListener("visibilitychange", onVisibility)
        now = present()
        run()
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        document.removeEventListener("visibilitychange", onVisibility)
        rest()
      }
    },
    read: () => {
      // Nobody listened for a while: what stands there is of then.
      if (listeners.size === 0 && present() - now >= intervalMs) now = present()
      return now
    }
  }
}
