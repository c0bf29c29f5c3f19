/** What waits for a person: approvals and questions of every agent, however deep, in one queue. */
import * as Schema from "effect/Schema"
import { Tier } from "../events/oversight.ts"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

const Thread = Schema.Struct({
  actor_id: Schema.String,
  session_id: Schema.NullOr(Schema.String),
  thread_id: Schema.NullOr(Schema.String)
})

/** Who asks, and on whose behalf. */
const asker = {
  agent: Schema.String,
  run_id: Schema.String,
  /** The run at the top: the one that a person, a schedule or a watcher began. */
  root_run_id: Schema.String,
  /** Where the asking run talks. */
  thread: Thread,
  /** Where the run at the top talks. */
  root_thread: Thread,
  /** RFC 3339: since when it waits. */
  since: Schema.String
}

export const Approval = Schema.Struct({
  approval_id: Schema.String,
  call_id: Schema.String,
  ...asker,
  tool_name: Schema.String,
  /** A JSON document as a string; of a decided one an excerpt, where it is long. */
  tool_args: Schema.String,
  request_hash: Schema.String,
  intent: Schema.String,
  effect: Schema.NullOr(Schema.String),
  dangerous: Schema.Array(Schema.String),
  tiers: Schema.Array(Tier),
  /** What "always" would allow; null where it is not offered. */
  pattern: Schema.NullOr(Schema.String),
  rule: Schema.NullOr(Schema.String),
  reason: Schema.NullOr(Schema.String),
  /** Null as long as it waits. */
  decided: Schema.NullOr(
    Schema.Struct({
      decision: Schema.Literals(["once", "run", "always", "deny", "withdrawn"]),
      pattern: Schema.NullOr(Schema.String),
      tool_args: Schema.NullOr(Schema.String),
      note: Schema.NullOr(Schema.String),
      by: Schema.String,
      at: Schema.String
    })
  )
}).annotate({ identifier: "Approval" })
export type Approval = typeof Approval.Type

export const Question = Schema.Struct({
  question_id: Schema.String,
  call_id: Schema.NullOr(Schema.String),
  ...asker,
  text: Schema.String,
  choices: Schema.Array(Schema.String)
}).annotate({ identifier: "Question" })
export type Question = typeof Question.Type

export const ApprovalsQuery = Schema.Struct({ status: Schema.optional(Schema.Literals(["waiting", "all"])) })

export const ApprovalsReply = Schema.Struct({
  success: Success,
  /** The oldest first; with `status=all` the decided ones follow, the latest first, 200 at most. */
  approvals: Schema.Array(Approval),
  /** Folded from the events up to here, and no other. */
  seq: Schema.Int
})
export type ApprovalsReply = typeof ApprovalsReply.Type

export const ApprovalReply = Schema.Struct({ success: Success, approval: Approval })
export type ApprovalReply = typeof ApprovalReply.Type

export const DecideBody = Schema.Struct({
  /** Of the request as it was shown: the answer is for that and no other. */
  request_hash: Schema.String,
  decision: Schema.Literals(["once", "run", "always", "deny"]),
  /** What "run" and "always" allow from now on; without it, what was offered. */
  pattern: maybe(Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1_000))),
  /** Arguments in place of the agent's; a JSON object as a string. */
  tool_args: maybe(Schema.String),
  note: maybe(Schema.String.check(Schema.isMaxLength(10_000)))
}).annotate({ identifier: "DecideBody" })
export type DecideBody = typeof DecideBody.Type

export const DecideReply = Schema.Struct({
  success: Success,
  approval: Approval,
  /** Why the rule of an "always" could not be kept: the call was allowed all the same. Null: nothing went wrong. */
  rule_problem: Schema.NullOr(Schema.String)
})
export type DecideReply = typeof DecideReply.Type

/** Of an answer that came too late, or was for something else: the approval as it is, with the decision that won. */
export const ApprovalConflict = Schema.Struct({
  success: Schema.Literal(false),
  error: Schema.String,
  approval: Approval
}).annotate({ identifier: "ApprovalConflict" })

export const QuestionsReply = Schema.Struct({
  success: Success,
  questions: Schema.Array(Question),
  /** Folded from the events up to here, and no other. */
  seq: Schema.Int
})
export type QuestionsReply = typeof QuestionsReply.Type

export const AnswerBody = Schema.Struct({
  answer: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(50_000))
}).annotate({ identifier: "AnswerBody" })
export type AnswerBody = typeof AnswerBody.Type
