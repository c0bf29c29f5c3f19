/**
 * The part of the log that is held: a stretch without a gap, of which both ends can move.
 *
 * Law: of all events that fit the filter, those between `from` and `to` are held, each once and in order; never more than
 * `most`. What is added at one end goes at the other.
 *
 *   start ──────[ from ═════ held ═════ to ]────── the end of the log (`live`: nothing lies between)
 */
import type { Event } from "@choiros/protocol"

export interface LogWindow {
  readonly events: ReadonlyArray<Event>
  /** All that fits from this `seq` on, up to `to`, is held. */
  readonly from: number
  readonly to: number
  /** Nothing older fits. */
  readonly isStart: boolean
  /** Nothing newer was left out: what comes is added. */
  readonly isLive: boolean
  /** The place of the first event held, counted from where the window began: what a scroll position is kept by. */
  readonly first: number
}

/** Events of a page, and pages that are held. */
export const pageSize = 500
export const most = 20 * pageSize

export const emptyWindow: LogWindow = { events: [], from: 0, to: 0, isStart: true, isLive: true, first: 0 }

export const windowOf = (events: ReadonlyArray<Event>, ends: Omit<LogWindow, "events" | "first">): LogWindow => ({
  ...ends,
  events,
  first: 0
})

/** `events` are older than all that is held, oldest first. What is too much goes at the new end. */
export const withOlder = (
  window: LogWindow,
  events: ReadonlyArray<Event>,
  from: number,
  isStart: boolean
): LogWindow => {
  const all = events.length === 0 ? window.events : [...events, ...window.events]
  const first = window.first - events.length
  if (all.length <= most) return { ...window, events: all, from, isStart, first }
  const held = all.slice(0, most)
  return { events: held, from, to: held.at(-1)?.seq ?? window.to, isStart, isLive: false, first }
}

/** `events` are newer than all that is held. What is too much goes at the old end. */
export const withNewer = (window: LogWindow, events: ReadonlyArray<Event>, to: number, isLive: boolean): LogWindow => {
  const all = events.length === 0 ? window.events : [...window.events, ...events]
  if (all.length <= most) return { ...window, events: all, to, isLive }
  const over = all.length - most
  const held = all.slice(over)
  return { events: held, from: held[0]?.seq ?? window.from, to, isStart: false, isLive, first: window.first + over }
}

/**
 * What has just happened, at the end of a live window. Who reads further up (`following` is false) loses nothing of what
 * they read: a window that is full lets go of the end instead.
 */
export const withLive = (window: LogWindow, events: ReadonlyArray<Event>, following: boolean): LogWindow => {
  if (!window.isLive) return window
  const fresh = events.filter(({ seq }) => seq > window.to)
  const last = fresh.at(-1)
  if (last === undefined) return window
  if (!following && window.events.length + fresh.length > most) return { ...window, isLive: false }
  return withNewer(window, fresh, last.seq, true)
}
