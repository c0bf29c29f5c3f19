import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import { Event } from "../../Event.ts"
import { EventsExportQuery, EventsQuery, EventsReply } from "../events.ts"
import { HealthReply, SupervisionReply } from "../system.ts"
import { says, socket, wrong } from "./endpoint.ts"

export const systemGroup = () =>
  HttpApiGroup.make("system").add(
    HttpApiEndpoint.get("health", "/health", {
      success: HealthReply,
      error: HealthReply.pipe(HttpApiSchema.status(503))
    }).annotateMerge(says("Whether all is well", "503 and `degraded` when a check fails.")),
    HttpApiEndpoint.get("supervision", "/supervision", { success: SupervisionReply }).annotateMerge(
      says("The live tree of actors")
    ),
    HttpApiEndpoint.get("metrics", "/metrics", {
      success: Schema.String.pipe(HttpApiSchema.asText())
    }).annotateMerge(says("Metrics, as Prometheus text")),
    HttpApiEndpoint.get("openapi", "/openapi.json", { success: Schema.Unknown }).annotateMerge(says("This document")),
    HttpApiEndpoint.get("docs", "/docs", {
      success: Schema.String.pipe(HttpApiSchema.asText({ contentType: "text/html" }))
    }).annotateMerge(says("This document as a page"))
  )

export const logGroup = () =>
  HttpApiGroup.make("log").add(
    HttpApiEndpoint.get("events", "/events", {
      query: EventsQuery.fields,
      success: EventsReply,
      error: wrong
    }).annotateMerge(says("Query the log", "500 events unless `limit` says otherwise, at most 5,000.")),
    HttpApiEndpoint.get("export", "/events.jsonl", {
      query: EventsExportQuery.fields,
      success: HttpApiSchema.StreamNdjson({ schema: Event }),
      error: wrong
    }).annotateMerge(says("Export the log, one event a line")),
    HttpApiEndpoint.get("socket", "/ws/events", { success: socket }).annotateMerge(
      says(
        "Live events (WebSocket)",
        "`subscribe` {topics, since_seq?} brings the backlog, `caught_up`, then each event once, in order. " +
          "`position` comes every 15 s, `reset` when the log is another one, `lagged` when the client was too slow."
      )
    )
  )
