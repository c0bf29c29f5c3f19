/** How far each conversation was seen in this browser, for the dot of what is new. */
import type { Thread } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { threadKey } from "./outbox.ts"

const key = "choiros.seen"

interface ReadMarks {
  readonly seen: ReadonlyMap<string, number>
  /** What is older than the first visit is not new. */
  readonly since: number | null
}

const isStored = (
  value: unknown
): value is { readonly since: number; readonly seen: Readonly<Record<string, number>> } =>
  typeof value === "object" &&
  value !== null &&
  "since" in value &&
  typeof value.since === "number" &&
  "seen" in value &&
  typeof value.seen === "object" &&
  value.seen !== null &&
  Object.values(value.seen).every((seq) => typeof seq === "number")

const stored = (): ReadMarks => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null")
    if (isStored(value)) return { seen: new Map(Object.entries(value.seen)), since: value.since }
  } catch {
    // Nothing is known: it is the first visit.
  }
  return { seen: new Map(), since: null }
}

export const readMarksStore = createStore<ReadMarks>(stored)

const keep = ({ seen, since }: ReadMarks): void => {
  try {
    localStorage.setItem(key, JSON.stringify({ since, seen: Object.fromEntries(seen) }))
  } catch {
    // Without storage all is read at the next visit.
  }
}

/** On the first visit: what is there is not new. */
export const beginReading = (last_seq: number): void => {
  if (readMarksStore.getState().since !== null) return
  readMarksStore.setState({ since: last_seq })
  keep(readMarksStore.getState())
}

export const markRead = (thread: Thread): void => {
  const { seen } = readMarksStore.getState()
  const id = threadKey(thread)
  if ((seen.get(id) ?? 0) >= thread.last_seq) return
  readMarksStore.setState({ seen: new Map(seen).set(id, thread.last_seq) })
  keep(readMarksStore.getState())
}

export const isUnread = ({ seen, since }: ReadMarks, thread: Thread): boolean =>
  since !== null && thread.last_seq > Math.max(since, seen.get(threadKey(thread)) ?? 0)
