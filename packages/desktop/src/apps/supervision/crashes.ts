/** What crashed, the latest first: folded from the supervisors' own events. */
import { type Event, isEvent } from "@choiros/protocol"

export interface Crash {
  readonly seq: number
  readonly at: string
  readonly path: string
  readonly kind: string
  readonly cause: string | null
  readonly restarts: number
  /** What became of it, as far as the log says. */
  readonly after: "crashed" | "restarted" | "given_up"
}

/** Crashes that are kept. */
const most = 100

export const crashTypes = ["supervisor.child_crashed", "supervisor.child_restarted", "supervisor.gave_up"] as const

/** `events` in their order. What is known already changes nothing. */
export const withCrashes = (crashes: ReadonlyArray<Crash>, events: ReadonlyArray<Event>): ReadonlyArray<Crash> => {
  let all = crashes
  for (const event of events) {
    if (isEvent(event, "supervisor.child_crashed")) {
      const { seq, timestamp } = event
      if (all.some((crash) => crash.seq >= seq)) continue
      const { cause = null, kind, path, restarts } = event.payload
      all = [{ seq, at: timestamp, path, kind, cause, restarts, after: "crashed" as const }, ...all].slice(0, most)
    } else if (isEvent(event, "supervisor.child_restarted"))
      all = settled(all, event.payload.path, "restarted", event.seq)
    else if (isEvent(event, "supervisor.gave_up")) {
      // Who gives up is the supervisor; what was given up is its last crash, or itself.
      const { cause = null, kind, path, restarts } = event.payload
      const before = all
      all = settled(all, path, "given_up", event.seq)
      if (all === before && !all.some((crash) => crash.seq >= event.seq))
        all = [
          { seq: event.seq, at: event.timestamp, path, kind, cause, restarts, after: "given_up" as const },
          ...all
        ].slice(0, most)
    }
  }
  return all
}

const settled = (
  crashes: ReadonlyArray<Crash>,
  path: string,
  after: "restarted" | "given_up",
  seq: number
): ReadonlyArray<Crash> => {
  const index = crashes.findIndex((crash) => crash.path === path && crash.after === "crashed" && crash.seq < seq)
  const crash = crashes[index]
  return crash === undefined ? crashes : crashes.with(index, { ...crash, after })
}
