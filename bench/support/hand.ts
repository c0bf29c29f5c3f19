/** A hand on the mouse: it moves 125 times a second, as mice do, whether the page keeps up or not. */
import { setTimeout as sleep } from "node:timers/promises"
import type { Page } from "playwright-core"

const every = 8

export interface Point {
  readonly x: number
  readonly y: number
}

/** Presses at a point, leads the pointer along a path for some time, and lets go. */
export const dragAlong = async (
  { mouse }: Page,
  from: Point,
  seconds: number,
  path: (share: number) => Point
): Promise<void> => {
  await mouse.move(from.x, from.y)
  await mouse.down()
  await paced(seconds, async (share) => {
    const { x, y } = path(share)
    await mouse.move(x, y)
  })
  await mouse.up()
}

/** Does something again and again for some time, at a mouse's pace; it is told how far it is, from 0 to 1. */
export const paced = async (seconds: number, act: (share: number) => Promise<void>, pace = every): Promise<void> => {
  const begin = performance.now()
  for (;;) {
    const now = performance.now() - begin
    if (now >= seconds * 1_000) return
    await act(now / (seconds * 1_000))
    const rest = begin + (Math.floor(now / pace) + 1) * pace - performance.now()
    if (rest > 0) await sleep(rest)
  }
}
