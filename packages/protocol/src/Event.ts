/**
 * What happened: the envelope that every event of the log has, and how an event type is defined.
 *
 * Law: an event type has one current version; older versions are upcast on read, an unknown type is kept as it is.
 */
import * as Schema from "effect/Schema"

/** An event as the log holds it. `timestamp` is RFC 3339 UTC with milliseconds, `seq` counts from 1 without a gap. */
export const Event = Schema.Struct({
  seq: Schema.Int,
  event_id: Schema.String,
  timestamp: Schema.String,
  event_type: Schema.String,
  version: Schema.Int,
  actor_id: Schema.String,
  user_id: Schema.NullOr(Schema.String),
  session_id: Schema.NullOr(Schema.String),
  thread_id: Schema.NullOr(Schema.String),
  run_id: Schema.NullOr(Schema.String),
  correlation_id: Schema.NullOr(Schema.String),
  causation_id: Schema.NullOr(Schema.String),
  payload: Schema.Unknown
})
export type Event = typeof Event.Type

/** One event type: its current payload schema, and how each older version becomes the one after it. */
export interface EventDefinition<Type extends string = string, Payload = unknown> {
  readonly type: Type
  readonly version: number
  readonly payload: Schema.Codec<Payload, unknown>
  /** `upcasts[1]` turns a payload of version 1 into one of version 2, and so on. */
  readonly upcasts: Readonly<Record<number, (payload: unknown) => unknown>>
}

/** Defines an event type. Payloads must be JSON as they stand: the encoded form is the decoded one. */
export const define = <const Type extends string, Payload>(
  type: Type,
  payload: Schema.Codec<Payload, unknown>,
  older: { readonly version: number; readonly upcasts: EventDefinition["upcasts"] } = { version: 1, upcasts: {} }
): EventDefinition<Type, Payload> => ({ type, payload, version: older.version, upcasts: older.upcasts })

/** The event types that a log knows, by name. */
export type Catalog = ReadonlyMap<string, EventDefinition>
