/** Runs at the top that are over: what the person is told of them, and what was read already. */
import type { ChoirCard } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { present } from "../../ui/present.ts"

/** How many of each are shown. */
const atMost = 50

export interface EndedRuns {
  /** The latest first. */
  readonly finished: ReadonlyArray<ChoirCard>
  readonly failed: ReadonlyArray<ChoirCard>
}

/** What the person stopped is no news. */
export const endedRuns = (cards: Iterable<ChoirCard>): EndedRuns => {
  const finished: Array<ChoirCard> = []
  const failed: Array<ChoirCard> = []
  for (const card of cards) {
    if (card.parent_run_id !== null || card.ended_at === null) continue
    if (card.phase === "done" || card.phase === "done_with_warnings") finished.push(card)
    else if (card.phase === "failed" || card.phase === "interrupted") failed.push(card)
  }
  return { finished: latest(finished), failed: latest(failed) }
}

const latest = (cards: ReadonlyArray<ChoirCard>): ReadonlyArray<ChoirCard> =>
  cards.toSorted((a, b) => compare(b.ended_at ?? "", a.ended_at ?? "")).slice(0, atMost)

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export interface Marks {
  /** RFC 3339: what ended before is read. Null on the first visit: what ended in the last day is new. */
  readonly since: string | null
  /** `run_id`s of those that were read one by one. */
  readonly read: ReadonlySet<string>
}

/** By the computer's clock, which is known with its first answer only. */
const sinceOf = ({ since }: Marks): string => since ?? new Date(present() - firstVisit).toISOString()

export const isUnread = (marks: Marks, { ended_at, run_id }: ChoirCard): boolean =>
  ended_at !== null && ended_at > sinceOf(marks) && !marks.read.has(run_id)

/** All of them: from now on only what ends after the latest is new. */
export const allRead = (marks: Marks, cards: Iterable<ChoirCard>): Marks => {
  const before = sinceOf(marks)
  let since = before
  for (const { ended_at } of cards) if (ended_at !== null && ended_at > since) since = ended_at
  return since === before ? marks : { since, read: new Set() }
}

export const oneRead = (marks: Marks, card: ChoirCard): Marks =>
  isUnread(marks, card) ? { ...marks, read: new Set([...marks.read, card.run_id].slice(-keptRead)) } : marks

const keptRead = 500
const key = "choiros.inbox"
/** Milliseconds. */
const firstVisit = 24 * 60 * 60_000

const isStored = (value: unknown): value is { readonly since: string; readonly read: ReadonlyArray<string> } =>
  typeof value === "object" &&
  value !== null &&
  "since" in value &&
  typeof value.since === "string" &&
  "read" in value &&
  Array.isArray(value.read) &&
  value.read.every((one) => typeof one === "string")

const readStored = (): Marks => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "null")
    if (isStored(value)) return { since: value.since, read: new Set(value.read) }
  } catch {
    // Nothing is known: it is the first visit.
  }
  return { since: null, read: new Set() }
}

export const marksStore = createStore<Marks>(readStored)

export const changeMarks = (change: (marks: Marks) => Marks): void => {
  const before = marksStore.getState()
  const after = change(before)
  if (after === before) return
  marksStore.setState(after)
  try {
    localStorage.setItem(key, JSON.stringify({ since: sinceOf(after), read: [...after.read] }))
  } catch {
    // Without storage they last as long as the page.
  }
}
