import type { ChoirCard, RunDetail } from "@choiros/protocol"

/** What is told of a run, by its live card or by the server, whichever is further. */
export type RunFacts = Pick<
  ChoirCard,
  | "run_id"
  | "parent_run_id"
  | "actor_id"
  | "session_id"
  | "thread_id"
  | "objective"
  | "agent"
  | "model"
  | "phase"
  | "reason"
  | "started_at"
  | "ended_at"
  | "last_at"
  | "steps"
  | "spent"
  | "budget"
> & { readonly doing: ChoirCard["doing"] }

export const factsOf = (detail: RunDetail | null, card: ChoirCard | undefined): RunFacts | null => {
  if (detail === null) return card ?? null
  if (card !== undefined && card.last_seq >= detail.card.last_seq) return { ...card, objective: detail.objective }
  return { ...detail, doing: detail.card.doing, last_at: detail.card.last_at }
}
