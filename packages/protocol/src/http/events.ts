/** Queries and replies of the log's routes. */
import * as Schema from "effect/Schema"
import { Event } from "../Event.ts"
import { TopicPattern } from "../frames/events.ts"
import { ClientId } from "../Id.ts"
import { limitFromQuery, Success, WholeFromQuery } from "./common.ts"

const selection = {
  /** Exclusive: the last `seq` that the client has. */
  since_seq: Schema.optional(WholeFromQuery),
  /** Exclusive, for paging towards older events. */
  before_seq: Schema.optional(WholeFromQuery),
  actor_id: Schema.optional(ClientId),
  /** Patterns of topics; the key may come more than once. */
  type: Schema.optional(Schema.Union([TopicPattern, Schema.Array(TopicPattern)])),
  session_id: Schema.optional(ClientId),
  thread_id: Schema.optional(ClientId),
  correlation_id: Schema.optional(Schema.String),
  run_id: Schema.optional(Schema.String),
  event_id: Schema.optional(Schema.String)
}

export const eventsDefaultLimit = 500

export const EventsQuery = Schema.Struct({
  ...selection,
  limit: Schema.optional(limitFromQuery(5000)),
  order: Schema.optional(Schema.Literals(["asc", "desc"]))
})
export type EventsQuery = typeof EventsQuery.Type

export const EventsExportQuery = Schema.Struct(selection)
export type EventsExportQuery = typeof EventsExportQuery.Type

export const EventsReply = Schema.Struct({
  success: Success,
  events: Schema.Array(Event),
  /** `since_seq` (or, newest first, `before_seq`) of the page after; null when there is none yet. */
  next_seq: Schema.NullOr(Schema.Int),
  head: Schema.Int,
  log_id: Schema.String
})
export type EventsReply = typeof EventsReply.Type
