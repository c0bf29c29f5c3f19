/** The server's own life, and what its supervisors had to do. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

const child = {
  /** In the tree, as `/session/chats/…`. */
  path: Schema.String,
  kind: Schema.String,
  /** In words, without a stack. */
  cause: Schema.optional(Schema.NullOr(Schema.String)),
  restarts: Schema.Int
}

export const systemEvents = [
  define(
    "system.started",
    Schema.Struct({
      version: Schema.String,
      pid: Schema.Int,
      node: Schema.String,
      jail: Schema.String,
      model: Schema.NullOr(Schema.String)
    })
  ),
  define("system.stopped", Schema.Struct({ reason: Schema.String })),
  define(
    "system.erased",
    Schema.Struct({
      /** What was asked to be erased, as it was asked. */
      selector: Schema.Record(Schema.String, Schema.Json),
      events: Schema.Int
    })
  ),
  define("supervisor.child_started", Schema.Struct(child)),
  define("supervisor.child_crashed", Schema.Struct(child)),
  define("supervisor.child_restarted", Schema.Struct(child)),
  define("supervisor.child_stopped", Schema.Struct(child)),
  define("supervisor.gave_up", Schema.Struct(child))
] as const
