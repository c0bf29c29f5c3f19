/**
 * When the user was last at a desktop, and at which of its windows. In memory alone: what is forgotten was long ago, since
 * a desktop leaves memory later than a touch loses its meaning.
 */
import { courtesy, type UserPresence } from "@choiros/protocol"

interface Presence {
  /** The user did something, at a window or elsewhere. `now` in milliseconds. */
  readonly acted: (now: number, windowId: string | null) => void
  readonly at: (now: number) => UserPresence
}

export const makePresence = (): Presence => {
  let active = Number.NEGATIVE_INFINITY
  const touched = new Map<string, number>()
  return {
    acted: (now, windowId) => {
      active = now
      if (windowId === null) return
      for (const [id, at] of touched) if (now - at >= courtesy.touched) touched.delete(id)
      touched.set(windowId, now)
    },
    at: (now) => ({
      idleFor: now - active,
      touchedFor: (windowId) => {
        const at = touched.get(windowId)
        return at === undefined ? null : now - at
      }
    })
  }
}
