/**
 * Frames of the live events' socket: backlog, `caught_up`, then live, each durable event once and in `seq` order.
 *
 * Durable events carry `seq`; ephemeral ones (token deltas, drag frames, presence) do not, and are not stored.
 */
import * as Schema from "effect/Schema"
import { Event } from "../Event.ts"
import { maybe } from "../maybe.ts"
import { ErrorFrame, Lagged, Ping, Pong } from "./common.ts"

/** The version of the protocol, told in `caught_up`. It changes when a client of the old one would be misled. */
export const protocolVersion = 1

/** A pattern over topics: parts of letters, digits, `_` and `-`, or `*`, and `>` as the last. */
export const TopicPattern = Schema.String.check(
  Schema.isMaxLength(256),
  Schema.isPattern(/^(?:(?:[\w-]+|\*)\.)*(?:[\w-]+|\*|>)$/)
)

export const EventsClientFrame = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("subscribe"),
    topics: Schema.Array(TopicPattern).check(Schema.isMinLength(1), Schema.isMaxLength(100)),
    /** The last `seq` that the client has seen. Absent: from now on. */
    since_seq: maybe(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
    /** Of the log that `since_seq` belongs to; another one is answered with `reset`. */
    log_id: maybe(Schema.String),
    ephemeral: maybe(Schema.Boolean)
  }),
  Ping
])
export type EventsClientFrame = typeof EventsClientFrame.Type

export const EventsServerFrame = Schema.Union([
  Schema.Struct({ type: Schema.Literal("event"), seq: Schema.Int, event: Event }),
  Schema.Struct({ type: Schema.Literal("ephemeral"), topic: Schema.String, payload: Schema.Unknown }),
  Schema.Struct({
    type: Schema.Literal("caught_up"),
    seq: Schema.Int,
    log_id: Schema.String,
    protocol_version: Schema.Int
  }),
  Schema.Struct({ type: Schema.Literal("position"), seq: Schema.Int }),
  /** What the client holds is of another log, or of a later state of this one than there is: it starts anew. */
  Schema.Struct({
    type: Schema.Literal("reset"),
    log_id: Schema.String,
    head: Schema.Int,
    protocol_version: Schema.Int
  }),
  Lagged,
  Pong,
  ErrorFrame
])
export type EventsServerFrame = typeof EventsServerFrame.Type
