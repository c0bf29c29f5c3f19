/**
 * The choir: a card for every run, as a light fold over the events of all of them.
 *
 * Law: a card that was seeded and one that has seen every event are the same card; each event counts once.
 */
import type { Event } from "../Event.ts"
import type { RunSummary } from "../http/runs.ts"
import { beginCard, type ChoirCard, cardOf, evolveCard, inheritedFrom, isChoirType } from "./card.ts"

export interface ChoirState {
  /** By `run_id`. */
  readonly cards: ReadonlyMap<string, ChoirCard>
}

export const initialChoir: ChoirState = { cards: new Map() }

/** Takes in what the server says of runs, but for those that are known to be further already. */
export const seedChoir = (state: ChoirState, summaries: Iterable<RunSummary>): ChoirState => {
  let cards: Map<string, ChoirCard> | null = null
  for (const summary of summaries) {
    const before = (cards ?? state.cards).get(summary.run_id)
    if (before !== undefined && before.last_seq >= summary.card.last_seq) continue
    cards ??= new Map(state.cards)
    cards.set(summary.run_id, cardOf(summary))
  }
  return cards === null ? state : { cards }
}

export const evolveChoir = (state: ChoirState, event: Event): ChoirState => evolveChoirAll(state, [event])

/** Many events with one copy of the map. */
export const evolveChoirAll = (state: ChoirState, events: Iterable<Event>): ChoirState => {
  let cards: Map<string, ChoirCard> | null = null
  for (const event of events) {
    const { event_type, run_id } = event
    if (run_id === null || !isChoirType(event_type)) continue
    const now: ReadonlyMap<string, ChoirCard> = cards ?? state.cards
    const before = now.get(run_id)
    const next =
      before === undefined
        ? beginCard(
            event,
            inheritedFrom(event, (id) => now.get(id))
          )
        : evolveCard(before, event)
    // Of a run whose beginning was not seen nothing is told before it is seeded.
    if (next === null || next === before) continue
    cards ??= new Map(state.cards)
    cards.set(run_id, next)
  }
  return cards === null ? state : { cards }
}

/** Milliseconds without an event after which who works is called quiet. */
const quietAfter = 30_000
/** How long a failure stays in front, in milliseconds. */
const recent = 15 * 60_000

/** Who needs a person first: waiting for you, failed just now, quiet, working, paused and queued, over. */
export const byAttention = (cards: Iterable<ChoirCard>, now: number): ReadonlyArray<ChoirCard> =>
  [...cards]
    .map((card) => ({ card, rank: rankOf(card, now) }))
    .sort((a, b) => a.rank - b.rank || within(a.rank, a.card, b.card))
    .map(({ card }) => card)

const ranks = { waiting: 0, failed: 1, quiet: 2, working: 3, standing: 4, over: 5 } as const

const rankOf = ({ ended_at, last_at, phase }: ChoirCard, now: number): number => {
  switch (phase) {
    case "waiting_for_you":
      return ranks.waiting
    case "failed":
    case "interrupted":
      return ended_at !== null && now - Date.parse(ended_at) < recent ? ranks.failed : ranks.over
    case "planning":
    case "working":
    case "stopping":
      return now - Date.parse(last_at) > quietAfter ? ranks.quiet : ranks.working
    case "waiting_on_agent":
      return ranks.working
    case "paused":
    case "queued":
      return ranks.standing
    case "done":
    case "done_with_warnings":
    case "stopped":
      return ranks.over
  }
}

/** Who waits longest is first, what ended last is first; who works stays where it is. */
const within = (rank: number, a: ChoirCard, b: ChoirCard): number => {
  const order =
    rank === ranks.waiting || rank === ranks.quiet
      ? compare(a.last_at, b.last_at)
      : rank === ranks.failed || rank === ranks.over
        ? compare(b.ended_at ?? "", a.ended_at ?? "")
        : compare(b.started_at ?? "", a.started_at ?? "")
  return order === 0 ? compare(b.run_id, a.run_id) : order
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
