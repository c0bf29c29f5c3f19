/** Bodies and replies of runs and of delegated tasks. */
import * as Schema from "effect/Schema"
import { RunCard } from "../choir/position.ts"
import { Budget, Evidence, PlanPart } from "../events/run.ts"
import { MessageMode } from "../events/shared.ts"
import { ClientId } from "../Id.ts"
import { maybe } from "../maybe.ts"
import { RunPhase } from "../run/phase.ts"
import { limitFromQuery, Success, WholeFromQuery } from "./common.ts"

const Objective = Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(400_000))

const RunSpent = Schema.Struct({
  calls: Schema.Int,
  tokens: Schema.Int,
  /** US dollars, of the calls whose price is known. */
  cost: Schema.Finite
})

export const RunSummary = Schema.Struct({
  run_id: Schema.String,
  parent_run_id: Schema.NullOr(Schema.String),
  actor_id: Schema.String,
  session_id: Schema.NullOr(Schema.String),
  thread_id: Schema.NullOr(Schema.String),
  objective: Schema.String,
  agent: Schema.String,
  model: Schema.String,
  phase: RunPhase,
  /** Why it is paused, or what went wrong. */
  reason: Schema.NullOr(Schema.String),
  started_at: Schema.NullOr(Schema.String),
  ended_at: Schema.NullOr(Schema.String),
  steps: Schema.Int,
  spent: RunSpent,
  /** What a live view of it goes on from, with the events after its `last_seq`. */
  card: RunCard
}).annotate({ identifier: "RunSummary" })
export type RunSummary = typeof RunSummary.Type

const RunTask = Schema.Struct({
  task_id: Schema.String,
  part_id: Schema.NullOr(Schema.String),
  agent: Schema.String,
  objective: Schema.String,
  status: Schema.Literals(["open", "completed", "failed", "cancelled"]),
  started_at: Schema.String,
  deadline: Schema.NullOr(Schema.String),
  output: Schema.String
})

const RunPlan = Schema.Struct({
  revision: Schema.Int,
  by: Schema.String,
  parts: Schema.Array(
    Schema.Struct({
      ...PlanPart.fields,
      status: Schema.Literals(["waiting", "ready", "open", "completed", "failed", "cancelled", "blocked"]),
      task_id: Schema.NullOr(Schema.String)
    })
  )
})

export const RunDetail = Schema.Struct({
  ...RunSummary.fields,
  /** With all that was said to it. */
  answer: Schema.String,
  budget: Budget,
  deadline: Schema.NullOr(Schema.String),
  depth: Schema.Int,
  plan: Schema.NullOr(RunPlan),
  tasks: Schema.Array(RunTask),
  /** `call_id`s that wait for a person. */
  waiting: Schema.Array(Schema.String),
  evidence: Schema.NullOr(Evidence)
}).annotate({ identifier: "RunDetail" })
export type RunDetail = typeof RunDetail.Type

export const RunsQuery = Schema.Struct({
  status: Schema.optional(Schema.Literals(["open", "ended"])),
  agent: Schema.optional(Schema.String),
  actor_id: Schema.optional(ClientId),
  parent_run_id: Schema.optional(Schema.String),
  /** 50 unless said otherwise. */
  limit: Schema.optional(limitFromQuery(500)),
  /** The `next_before` of the page before. */
  before: Schema.optional(WholeFromQuery)
})

export const RunsReply = Schema.Struct({
  success: Success,
  runs: Schema.Array(RunSummary),
  next_before: Schema.NullOr(Schema.Int),
  /** Every event up to here is in it. */
  seq: Schema.Int
})

export const RunReply = Schema.Struct({ success: Success, run: RunDetail })

export const RunStartBody = Schema.Struct({
  objective: Objective,
  actor_id: ClientId,
  user_id: maybe(ClientId),
  /** Of who asks: asked again with it, soon, nothing begins, and the run that it has begun is given. */
  client_message_id: maybe(ClientId),
  /** Both or neither; without them the run has a thread of its own. */
  session_id: maybe(ClientId),
  thread_id: maybe(ClientId),
  /** For a thread where a run works: after it, unless said otherwise. */
  mode: maybe(MessageMode),
  /** By name; `chat` unless named. Of a thread that is there it is the thread's. */
  agent: maybe(Schema.String),
  model: maybe(Schema.String),
  budget: maybe(Budget),
  /** Pauses when its plan is there: edit it with `PUT /runs/{id}/plan`, and let it go on. */
  review_plan: maybe(Schema.Boolean),
  /** Waits for someone to let it go on. */
  paused: maybe(Schema.Boolean)
}).annotate({ identifier: "RunStartBody" })

export const RunStartReply = Schema.Struct({
  success: Success,
  /** Null while it waits for the thread's run to end. */
  run_id: Schema.NullOr(Schema.String),
  message_id: Schema.String,
  status: Schema.Literals(["accepted", "queued"]),
  actor_id: Schema.String,
  session_id: Schema.String,
  thread_id: Schema.String
})

export const ReasonBody = Schema.Struct({
  reason: maybe(Schema.String.check(Schema.isMaxLength(2_000))),
  user_id: maybe(ClientId)
})

export const RunSteerBody = Schema.Struct({
  text: Objective,
  user_id: maybe(ClientId),
  mode: maybe(MessageMode),
  client_message_id: maybe(ClientId)
})

export const RunRetryBody = Schema.Struct({
  /** From 1: what was done before it is taken over. */
  from_step: maybe(Schema.Int.check(Schema.isGreaterThan(0))),
  user_id: maybe(ClientId),
  /** Said in place of what was asked first. */
  objective: maybe(Objective)
})

export const PlanBody = Schema.Struct({
  /** As it was seen. */
  revision: Schema.Int,
  parts: Schema.Array(PlanPart).check(Schema.isMinLength(1), Schema.isMaxLength(64)),
  user_id: maybe(ClientId)
})

export const RaiseBody = Schema.Struct({
  kind: Schema.Literals(["steps", "tokens", "money", "wall_time"]),
  limit: Schema.Finite.check(Schema.isGreaterThan(0)),
  user_id: maybe(ClientId)
})

export const RunBegunReply = Schema.Struct({ success: Success, run_id: Schema.String })
export const StoppedReply = Schema.Struct({ success: Success, stopped: Schema.Int })
export const TimelineReply = Schema.Struct({ success: Success, steps: Schema.Array(Schema.Unknown) })

export const OutputQuery = Schema.Struct({
  /** Bytes to skip. */
  offset: Schema.optional(WholeFromQuery),
  /** Bytes to read; 256 KiB unless said otherwise. */
  limit: Schema.optional(limitFromQuery(2_097_152))
})

export const OutputReply = Schema.Struct({
  success: Success,
  text: Schema.String,
  /** Of the whole. */
  bytes: Schema.Int,
  /** Where the next piece begins; null: that was all. */
  next_offset: Schema.NullOr(Schema.Int)
})
export type OutputReply = typeof OutputReply.Type

const taskCommon = {
  actor_id: ClientId,
  user_id: maybe(ClientId),
  /** Where its events are told: both or neither; the actor's default thread without them. */
  session_id: maybe(ClientId),
  thread_id: maybe(ClientId),
  /** Longest time that it may take, in milliseconds; half an hour unless said otherwise. */
  timeout_ms: maybe(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 86_400_000 })))
}

export const TaskBody = Schema.Union([
  Schema.Struct({
    ...taskCommon,
    kind: Schema.Literal("terminal_command"),
    payload: Schema.Struct({ command: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(100_000)) })
  }),
  Schema.Struct({
    ...taskCommon,
    kind: Schema.Literal("agent"),
    payload: Schema.Struct({
      objective: Objective,
      /** By name, or found by what it can do. */
      agent: maybe(Schema.String),
      capability: maybe(Schema.String),
      model: maybe(Schema.String),
      budget: maybe(Budget)
    })
  })
]).annotate({ identifier: "TaskBody" })
export type TaskBody = typeof TaskBody.Type

export const TaskAcceptedReply = Schema.Struct({
  success: Success,
  task_id: Schema.String,
  correlation_id: Schema.String,
  status: Schema.Literal("accepted"),
  kind: Schema.Literals(["terminal_command", "agent"]),
  session_id: Schema.String,
  thread_id: Schema.String
})

export const Task = Schema.Struct({
  task_id: Schema.String,
  correlation_id: Schema.String,
  kind: Schema.Literals(["terminal_command", "agent"]),
  status: Schema.Literals(["running", "completed", "failed", "cancelled"]),
  command: Schema.optional(Schema.String),
  objective: Schema.optional(Schema.String),
  agent: Schema.optional(Schema.String),
  started_at: Schema.String,
  finished_at: Schema.optional(Schema.String),
  exit_code: Schema.optional(Schema.NullOr(Schema.Int)),
  output: Schema.optional(Schema.String),
  error: Schema.optional(Schema.String)
}).annotate({ identifier: "Task" })
export type Task = typeof Task.Type

export const TasksQuery = Schema.Struct({
  status: Schema.optional(Schema.Literals(["running", "ended"])),
  actor_id: Schema.optional(ClientId),
  limit: Schema.optional(limitFromQuery(500))
})
export const TasksReply = Schema.Struct({ success: Success, tasks: Schema.Array(Task) })
export const TaskReply = Schema.Struct({ success: Success, task: Task })

export const runSentences = {
  notFound: (run_id: string) => `Run not found: ${run_id}`,
  outputNotFound: (call_id: string) => `Output not found: ${call_id}`,
  taskNotFound: (task_id: string) => `Task not found: ${task_id}`,
  ended: "The run has ended"
} as const
