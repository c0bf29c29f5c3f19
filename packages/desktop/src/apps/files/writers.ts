/** Who wrote which file last, as far as the log says; what a shell wrote, nobody signed. */
import { type Event, EventsReply, isEvent } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { onEvents, onStream } from "../../state/listeners.ts"

export interface Written {
  readonly by: string
  readonly at: string
  readonly seq: number
}

/** Files that are remembered; the oldest go. */
const remembered = 5_000

export const writersStore = createStore<{ readonly writers: ReadonlyMap<string, Written> }>(() => ({
  writers: new Map()
}))

export interface FileChange {
  /** What is no longer there. */
  readonly left: string | null
  /** What is there now, or is other than it was. */
  readonly made: string | null
  readonly by: string | null
}

/** What an event says about the files; null for one that is not about them. */
export const changeOf = (event: Event): FileChange | null => {
  if (isEvent(event, "file.written")) return { left: null, made: event.payload.path, by: event.payload.by }
  if (isEvent(event, "file.moved")) {
    return { left: event.payload.from, made: event.payload.to, by: event.payload.by ?? null }
  }
  if (isEvent(event, "file.trashed")) return { left: event.payload.path, made: null, by: event.payload.by ?? null }
  if (isEvent(event, "file.restored")) return { left: null, made: event.payload.path, by: event.payload.by ?? null }
  return null
}

const fold = (events: ReadonlyArray<Event>): void => {
  const changes = events.flatMap((event) => {
    const change = changeOf(event)
    return change?.made == null || change.by === null
      ? []
      : [{ path: change.made, by: change.by, at: event.timestamp, seq: event.seq }]
  })
  if (changes.length === 0) return
  writersStore.setState(({ writers }) => {
    const next = new Map(writers)
    for (const { at, by, path, seq } of changes) {
      if ((next.get(path)?.seq ?? 0) > seq) continue
      next.delete(path)
      next.set(path, { by, at, seq })
    }
    for (const path of next.keys()) {
      if (next.size <= remembered) break
      next.delete(path)
    }
    return { writers: next }
  })
}

const seed = async (): Promise<void> => {
  const { events } = await get("/events", EventsReply, { type: "file.>", order: "desc", limit: 1000 })
  fold(events.toReversed())
}

let following = false

/** From the first window on that shows it. */
export const followWriters = (): void => {
  if (following) return
  following = true
  onEvents(fold)
  // Without the older events it says who writes from now on, until the computer is there to be asked.
  let seeding = Promise.resolve(false)
  const ask = (): Promise<boolean> => {
    seeding = seed().then(
      () => true,
      () => false
    )
    return seeding
  }
  onStream(ask)
  onLive(async () => {
    // What was asked before the page was live may have gone nowhere.
    if (!(await seeding)) await ask()
  })
}

/** "you", or the agent's name. */
export const writerName = (by: string): string => {
  if (by === "user") return "you"
  const run = by.startsWith("run:") ? choirStore.getState().choir.cards.get(by.slice(4)) : undefined
  if (run !== undefined) return plainName(run.agent)
  return by.startsWith("run:") ? "an agent" : plainName(by)
}
