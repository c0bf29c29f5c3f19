/** The table's rows: which are shown, in which order. Pure. */
import { byAttention, type ChoirCard, type RunPhase } from "@choiros/protocol"
import { elapsed, isOpen } from "./room.ts"

export const columns = ["state", "agent", "objective", "doing", "steps", "tokens", "cost", "time", "started"] as const
export type Column = (typeof columns)[number]

/** `by` null: who needs a person first. */
export interface Sorting {
  readonly by: Column | null
  readonly down: boolean
}

export const stateFilters = ["all", "open", "waiting", "working", "paused", "failed", "ended"] as const
export type StateFilter = (typeof stateFilters)[number]

export const filterWords: Readonly<Record<StateFilter, string>> = {
  all: "Any state",
  open: "Open",
  waiting: "Waiting for you",
  working: "Working",
  paused: "Paused or queued",
  failed: "Failed",
  ended: "Ended"
}

const phases: Readonly<Record<Exclude<StateFilter, "all" | "open" | "ended">, ReadonlyArray<RunPhase>>> = {
  waiting: ["waiting_for_you"],
  working: ["planning", "working", "waiting_on_agent", "stopping"],
  paused: ["paused", "queued"],
  failed: ["failed", "interrupted"]
}

const passes = (card: ChoirCard, filter: StateFilter): boolean => {
  switch (filter) {
    case "all":
      return true
    case "open":
      return isOpen(card)
    case "ended":
      return !isOpen(card)
    default:
      return phases[filter].includes(card.phase)
  }
}

export interface Filter {
  readonly state: StateFilter
  /** Empty: any. */
  readonly agent: string
  readonly text: string
}

export const tableRows = (
  cards: Iterable<ChoirCard>,
  { agent, state, text }: Filter,
  sorting: Sorting,
  now: number
): ReadonlyArray<ChoirCard> => {
  const wanted = text.trim().toLowerCase()
  const rows = [...cards].filter(
    (card) => passes(card, state) && (agent === "" || card.agent === agent) && (wanted === "" || says(card, wanted))
  )
  if (sorting.by === null) return byAttention(rows, now)
  const key = keys[sorting.by]
  const sign = sorting.down ? -1 : 1
  return rows
    .map((card) => ({ card, key: key(card, now) }))
    .sort((a, b) => sign * (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) || (a.card.run_id < b.card.run_id ? 1 : -1))
    .map(({ card }) => card)
}

const says = ({ agent, doing, objective }: ChoirCard, text: string): boolean =>
  `${agent} ${objective} ${doing?.verb ?? ""} ${doing?.object ?? ""}`.toLowerCase().includes(text)

const keys: Readonly<Record<Column, (card: ChoirCard, now: number) => string | number>> = {
  state: ({ phase }) => phase,
  agent: ({ agent }) => agent.toLowerCase(),
  objective: ({ objective }) => objective.toLowerCase(),
  doing: ({ doing }) => (doing === null ? "\uffff" : `${doing.verb} ${doing.object}`.toLowerCase()),
  steps: ({ steps }) => steps,
  tokens: ({ spent }) => spent.tokens,
  cost: ({ spent }) => spent.cost,
  time: elapsed,
  started: ({ started_at }) => started_at ?? ""
}
