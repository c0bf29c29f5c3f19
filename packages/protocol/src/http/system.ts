/** Health, and the live tree of actors. */
import * as Schema from "effect/Schema"
import { Success } from "./common.ts"

export const serviceName = "choiros-sandbox"

/** `checks` says `ok` or what is wrong, in words. Degraded comes with 503. */
export const HealthReply = Schema.Struct({
  status: Schema.Literals(["healthy", "degraded"]),
  service: Schema.Literal(serviceName),
  version: Schema.String,
  checks: Schema.Record(Schema.String, Schema.String)
}).annotate({ identifier: "Health" })
export type HealthReply = typeof HealthReply.Type

/** An actor or a supervisor, as it lives. */
export const ActorNode = Schema.Struct({
  path: Schema.String,
  parent: Schema.NullOr(Schema.String),
  kind: Schema.String,
  state: Schema.String,
  restarts: Schema.Int,
  /** Messages that wait; 0 for what has no mailbox. */
  mailbox_depth: Schema.Int,
  /** Since this incarnation began. */
  age_ms: Schema.Finite,
  /** Of a supervisor with dynamic children: totals since the start, `live` is now. */
  children: Schema.optional(
    Schema.Struct({
      live: Schema.Int,
      started: Schema.Int,
      stopped: Schema.Int,
      crashed: Schema.Int,
      restarted: Schema.Int,
      given_up: Schema.Int
    })
  )
}).annotate({ identifier: "ActorNode" })
export type ActorNode = typeof ActorNode.Type

/** `actors` in the order of the tree: a parent before its children. */
export const SupervisionReply = Schema.Struct({ success: Success, actors: Schema.Array(ActorNode) })
export type SupervisionReply = typeof SupervisionReply.Type
