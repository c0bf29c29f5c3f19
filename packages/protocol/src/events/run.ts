/** A run: an objective, steps, an outcome. Every event of it carries its `run_id` in the envelope. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"
import { Failure, MessageMode } from "./shared.ts"

/** What made a run begin. */
const RunTrigger = Schema.Union([
  Schema.Struct({ kind: Schema.Literal("message"), message_id: Schema.String }),
  Schema.Struct({
    kind: Schema.Literal("task"),
    task_id: Schema.String,
    /** The call of the parent run that delegated this, if one did. */
    call_id: Schema.optional(Schema.NullOr(Schema.String))
  }),
  Schema.Struct({ kind: Schema.Literal("retry"), of_run: Schema.String })
])

/** How a run ended. A budget that ran out is no outcome: it pauses. */
const RunOutcome = Schema.Literals(["done", "done_with_warnings", "failed", "stopped", "interrupted"])

/** Why a step has ended. */
const StepFinish = Schema.Literals(["tool_calls", "stop", "length", "error", "cancelled"])

export const runEvents = [
  define(
    "run.started",
    Schema.Struct({
      objective: Schema.String,
      agent: Schema.String,
      model: Schema.String,
      trigger: RunTrigger,
      parent_run_id: Schema.NullOr(Schema.String)
    })
  ),
  define("run.step_started", Schema.Struct({ step: Schema.Int })),
  define("run.step_ended", Schema.Struct({ step: Schema.Int, finish: StepFinish })),
  define("run.steered", Schema.Struct({ message_id: Schema.String, text: Schema.String, mode: MessageMode })),
  define("run.paused", Schema.Struct({ reason: Schema.String, by: Schema.String })),
  define(
    "run.resumed",
    Schema.Struct({
      reason: Schema.String,
      /** Counts the resumes after a crash; written before the attempt. */
      attempt: Schema.Int
    })
  ),
  define("run.cancel_requested", Schema.Struct({ reason: Schema.String, by: Schema.String })),
  define(
    "run.ended",
    Schema.Struct({
      outcome: RunOutcome,
      error: Schema.NullOr(Failure),
      /** The `message_id`s of the user's messages that the run has answered, in their order. */
      answered: Schema.Array(Schema.String),
      steps: Schema.Int,
      duration_ms: Schema.Finite
    })
  )
] as const
