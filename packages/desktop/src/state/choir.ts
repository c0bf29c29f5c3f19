/** Everyone who works: a card a run, folded over the events, seeded by `/runs`. */
import {
  type ChoirState,
  type Event,
  evolveChoirAll,
  initialChoir,
  type RunSummary,
  seedChoir
} from "@choiros/protocol"
import { createStore } from "zustand/vanilla"

/** Ended runs that stay in memory, the latest. */
const keptEnded = 500

export const choirStore = createStore<{ readonly choir: ChoirState; readonly known: boolean }>(() => ({
  choir: initialChoir,
  known: false
}))

export const seedChoirStore = (runs: Iterable<RunSummary>): void =>
  choirStore.setState({ choir: seedChoir(initialChoir, runs), known: true })

export const evolveChoirStore = (events: ReadonlyArray<Event>): void => {
  const before = choirStore.getState().choir
  const choir = pruned(evolveChoirAll(before, events))
  if (choir !== before) choirStore.setState({ choir })
}

const pruned = (choir: ChoirState): ChoirState => {
  if (choir.cards.size <= 2 * keptEnded) return choir
  const ended = [...choir.cards.values()].filter((card) => card.ended_at !== null)
  if (ended.length <= keptEnded) return choir
  const cards = new Map(choir.cards)
  const oldest = ended.toSorted((a, b) => a.last_seq - b.last_seq).slice(0, ended.length - keptEnded)
  for (const { run_id } of oldest) cards.delete(run_id)
  return { ...choir, cards }
}
