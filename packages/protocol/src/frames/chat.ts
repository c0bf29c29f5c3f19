/**
 * Frames of the chat socket.
 *
 * Law: per message one `thinking` first, then chunks in log order, then exactly one `response` or `error`.
 */
import * as Schema from "effect/Schema"
import { MessageMode } from "../events/shared.ts"
import { maybe } from "../maybe.ts"
import { ErrorFrame, Lagged, Ping, Pong } from "./common.ts"

export const ChatClientFrame = Schema.Union([
  Ping,
  Schema.Struct({
    type: Schema.Literal("message"),
    text: Schema.String,
    client_message_id: maybe(Schema.String.check(Schema.isMaxLength(256))),
    mode: maybe(MessageMode)
  }),
  Schema.Struct({ type: Schema.Literal("stop") }),
  Schema.Struct({ type: Schema.Literal("switch_model"), model: Schema.String })
])
export type ChatClientFrame = typeof ChatClientFrame.Type

const chunk = { content: Schema.String, timestamp: Schema.String }

/**
 * The content of `tool_call`, `tool_result`, `actor_call` and `response` is a JSON document as a string. A `response`
 * names its run and the one message that all answers of the run are.
 */
const ChunkFrame = Schema.Struct({
  type: Schema.Literals(["thinking", "tool_call", "tool_result", "actor_call", "response"]),
  ...chunk,
  run_id: Schema.optional(Schema.String),
  message_id: Schema.optional(Schema.String)
})

/** What the content of a `response` holds. */
export const ResponseContent = Schema.Struct({
  text: Schema.String,
  confidence: Schema.NullOr(Schema.Finite),
  model_used: Schema.String,
  client_message_id: Schema.NullOr(Schema.String)
})
export type ResponseContent = typeof ResponseContent.Type

export const ChatServerFrame = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("connected"),
    actor_id: Schema.String,
    user_id: Schema.String,
    session_id: Schema.String,
    thread_id: Schema.String
  }),
  Pong,
  ChunkFrame,
  Schema.Struct({ type: Schema.Literal("delta"), ...chunk, message_id: Schema.String, offset: Schema.Int }),
  Schema.Struct({ type: Schema.Literal("model_switched"), model: Schema.String, status: Schema.Literal("success") }),
  /** At the end of a turn that failed it names the message and the run. */
  Schema.Struct({
    ...ErrorFrame.fields,
    client_message_id: maybe(Schema.String),
    run_id: Schema.optional(Schema.String),
    /** More about it, where the message alone does not say enough. */
    reason: Schema.optional(Schema.String)
  }),
  Lagged
])
export type ChatServerFrame = typeof ChatServerFrame.Type
