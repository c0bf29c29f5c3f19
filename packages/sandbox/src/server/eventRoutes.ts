/** The log over HTTP: a page of it, or all of it as lines of JSON. */
import { EventLog, type EventQuery } from "@choiros/event-log"
import { EventsExportQuery, EventsQuery, eventsDefaultLimit } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"
import { decodeField, fail, ok, type RequestContext, type Route, route } from "./Route.ts"

export const eventRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog

  const page = Effect.fnUntraced(function* (context: RequestContext) {
    const query = yield* decodeField(EventsQuery, "query", toRecord(context.query))
    const limit = query.limit ?? eventsDefaultLimit
    const events = yield* log
      .read({ ...toLogQuery(query), limit, ...(query.order === undefined ? {} : { order: query.order }) })
      .pipe(Effect.mapError((error) => fail(503, error.message)))
    const last = events.at(-1)
    return ok({
      success: true,
      events,
      next_seq: events.length < limit || last === undefined ? null : last.seq,
      head: yield* log.head,
      log_id: log.logId
    })
  })

  const exported = Effect.fnUntraced(function* (context: RequestContext) {
    const query = yield* decodeField(EventsExportQuery, "query", toRecord(context.query))
    const encoder = new TextEncoder()
    const lines = log
      .stream({ ...toLogQuery(query), payloads: "full" })
      .pipe(Stream.map((event) => encoder.encode(`${JSON.stringify(event)}\n`)))
    return HttpServerResponse.stream(lines, { contentType: "application/jsonl; charset=utf-8" })
  })

  return [route("GET", "/events", page), route("GET", "/events.jsonl", exported)]
})

/** A key that comes more than once is a list. */
const toRecord = (query: URLSearchParams): Record<string, string | ReadonlyArray<string>> => {
  const record = new Map<string, string | ReadonlyArray<string>>()
  for (const [key, value] of query) {
    const before = record.get(key)
    record.set(key, before === undefined ? value : typeof before === "string" ? [before, value] : [...before, value])
  }
  return Object.fromEntries(record)
}

const toLogQuery = ({ type, ...query }: EventsExportQuery): EventQuery => ({
  ...query,
  types: type === undefined ? undefined : typeof type === "string" ? [type] : type
})
