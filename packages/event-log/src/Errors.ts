/**
 * How the log fails: each failure says what, which, and how to go on.
 *
 * Law: a failed append wrote nothing, with one exception that no log can avoid: when the process dies, or the disk fails
 * to confirm, in the middle of a commit, the outcome is known at the next start. An `event_id` makes a repeat harmless.
 */
import * as Schema from "effect/Schema"

/** Someone was first: the stream moved on, the actor was replaced, or the `event_id` names another event. */
export class Conflict extends Schema.TaggedError<Conflict>()("EventLog.Conflict", {
  reason: Schema.Literals(["version", "fence", "event_id"]),
  message: Schema.String,
  /** The version that the stream has, for reason `version`. */
  actual: Schema.optionalKey(Schema.Int)
}) {}

/** The event can't be stored as it is: unknown type, wrong payload, wrong envelope. The message never shows values. */
export class Invalid extends Schema.TaggedError<Invalid>()("EventLog.Invalid", {
  event_type: Schema.String,
  message: Schema.String
}) {}

/**
 * The log can't serve now. `locked`: another process has it. `corrupt`, `read_only`, `io`: the file or its disk.
 * `newer`: written by a later version. `backlog`: too much waits for the writer. `stopped`: the writer does not run.
 */
export class Unavailable extends Schema.TaggedError<Unavailable>()("EventLog.Unavailable", {
  reason: Schema.Literals(["locked", "corrupt", "read_only", "io", "newer", "backlog", "stopped"]),
  message: Schema.String
}) {}

/** There is no room on the disk. Reads go on; appends work again when there is space. */
export class Full extends Schema.TaggedError<Full>()("EventLog.Full", { message: Schema.String }) {}

export type StoreError = Unavailable | Full
export type AppendError = Conflict | Invalid | StoreError
export type ReadError = Unavailable
