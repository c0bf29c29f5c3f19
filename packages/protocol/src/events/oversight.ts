/** Who may do what and how much of it: approvals, questions, membranes, budgets, watchers. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

/** How far an act reaches, as the server computes it from the call. */
const Tier = Schema.Literals(["read", "write", "write_outside", "network", "shell", "destructive", "secrets", "spend"])

const Decision = Schema.Literals(["once", "run", "always", "deny"])

const BudgetKind = Schema.Literals(["steps", "tokens", "money", "wall_time"])

const budget = {
  scope: Schema.Literals(["run", "agent", "day"]),
  kind: BudgetKind,
  limit: Schema.Finite
}

export const oversightEvents = [
  define(
    "approval.requested",
    Schema.Struct({
      approval_id: Schema.String,
      call_id: Schema.String,
      agent: Schema.String,
      tool_name: Schema.String,
      /** A JSON document as a string. */
      tool_args: Schema.String,
      /** Of name and arguments: an answer is for this request and no other. */
      request_hash: Schema.String,
      intent: Schema.String,
      tiers: Schema.Array(Tier),
      pattern: Schema.NullOr(Schema.String),
      rule: Schema.NullOr(Schema.String),
      reason: Schema.NullOr(Schema.String)
    })
  ),
  define(
    "approval.decided",
    Schema.Struct({
      approval_id: Schema.String,
      call_id: Schema.String,
      decision: Decision,
      request_hash: Schema.String,
      pattern: Schema.NullOr(Schema.String),
      note: Schema.NullOr(Schema.String),
      by: Schema.String
    })
  ),
  define(
    "question.asked",
    Schema.Struct({
      question_id: Schema.String,
      call_id: Schema.NullOr(Schema.String),
      agent: Schema.String,
      text: Schema.String,
      choices: Schema.Array(Schema.String)
    })
  ),
  define("question.answered", Schema.Struct({ question_id: Schema.String, answer: Schema.String, by: Schema.String })),
  define(
    "membrane.refused",
    Schema.Struct({
      agent: Schema.String,
      act: Schema.Literals(["tool", "path", "append", "subscribe", "read", "delegate", "message", "host", "spend"]),
      target: Schema.String,
      reason: Schema.String,
      call_id: Schema.NullOr(Schema.String)
    })
  ),
  define("budget.reached", Schema.Struct({ ...budget, used: Schema.Finite })),
  define("budget.raised", Schema.Struct({ ...budget, previous: Schema.Finite, by: Schema.String })),
  define(
    "watcher.signal",
    Schema.Struct({
      signal_id: Schema.String,
      watcher: Schema.String,
      kind: Schema.Literals(["stalled", "failing", "looping", "over_budget"]),
      subject: Schema.String,
      message: Schema.String,
      /** The `event_id`s that led to it. */
      evidence: Schema.Array(Schema.String)
    })
  ),
  define(
    "watcher.acted_on",
    Schema.Struct({
      signal_id: Schema.String,
      action: Schema.Literals(["retry", "cancel", "ask", "hand_over", "ignore"]),
      detail: Schema.NullOr(Schema.String)
    })
  )
] as const
