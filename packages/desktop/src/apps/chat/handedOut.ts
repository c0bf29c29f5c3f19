/** Work that a run handed out by its plan and not by a call, as its notes tell it: one line each, from begin to end. */
import * as Schema from "effect/Schema"
import type { Note } from "../../cards/noteWords.ts"

export interface HandedOut {
  /** The run of who does it. */
  readonly task_id: string
  readonly agent: string
  readonly objective: string
  readonly status: "running" | "completed" | "failed" | "cancelled"
  readonly started_at: string
  readonly ended_at: string | null
  readonly error: string | null
}

const isBegun = Schema.is(
  Schema.Struct({
    task_id: Schema.String,
    kind: Schema.Literal("agent"),
    agent: Schema.String,
    objective: Schema.String
  })
)
const isEnded = Schema.is(
  Schema.Struct({ task_id: Schema.String, status: Schema.Literals(["completed", "failed", "cancelled"]) })
)
const hasError = Schema.is(Schema.Struct({ error: Schema.String }))

/** Null for a note of anything else. */
export const begunBy = ({ at, payload, type }: Note): HandedOut | null => {
  if (type !== "worker.task.started" || !isBegun(payload)) return null
  const { agent, objective, task_id } = payload
  return { task_id, agent, objective, status: "running", started_at: at, ended_at: null, error: null }
}

/** The end of one that is known; null for a note of anything else. */
export const endedBy = ({ at, payload, type }: Note): ((before: HandedOut) => HandedOut | null) | null => {
  if (!type.startsWith("worker.task.") || !isEnded(payload)) return null
  const { status, task_id } = payload
  const error = hasError(payload) ? payload.error : null
  return (before) => (before.task_id === task_id ? { ...before, status, ended_at: at, error } : null)
}
