/** How the computer is: health, the live tree, metrics, and the description of its own interface. */
import { EventLog } from "@choiros/event-log"
import { openApi, serviceName } from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { version } from "../version.ts"
import { apiPage } from "./apiPage.ts"
import { ok, type Route, route } from "./Route.ts"

export interface HealthSource {
  /** The jail's driver, or what is wrong with it. */
  readonly jail: Effect.Effect<string>
}

export const systemRoutes = (source: HealthSource): Effect.Effect<ReadonlyArray<Route>, never, EventLog | Tree> =>
  Effect.gen(function* () {
    const log = yield* EventLog
    const tree = yield* Tree

    const actors = Effect.map(tree.snapshot, (all) => {
      // One given-up child of a dynamic supervisor is that child's matter; a static one is the computer's.
      const dynamic = new Set(all.filter((actor) => actor.children !== undefined).map((actor) => actor.path))
      const down = all.filter(
        (actor) => !dynamic.has(actor.parent ?? "") && (actor.state === "given_up" || actor.state === "restarting")
      )
      return down.length === 0 ? "ok" : down.map((actor) => `${actor.path} is ${actor.state}`).join(", ")
    })

    const health = Effect.gen(function* () {
      const database = yield* log.check.pipe(
        Effect.as("ok"),
        Effect.catch((error) => Effect.succeed(error.message))
      )
      const checks = { database, actors: yield* actors, jail: yield* source.jail }
      const healthy = checks.database === "ok" && checks.actors === "ok"
      return ok(
        { status: healthy ? "healthy" : "degraded", service: serviceName, version, checks },
        healthy ? 200 : 503
      )
    })

    const supervision = Effect.map(tree.snapshot, (all) =>
      ok({
        success: true,
        actors: all.map(({ ageMs, children, kind, mailbox, parent, path, restarts, state }) => ({
          path,
          parent: parent ?? null,
          kind,
          state,
          restarts,
          mailbox_depth: mailbox,
          age_ms: ageMs,
          ...(children === undefined
            ? {}
            : {
                children: {
                  live: children.live,
                  started: children.started,
                  stopped: children.stopped,
                  crashed: children.crashed,
                  restarted: children.restarted,
                  given_up: children.givenUp
                }
              })
        }))
      })
    )

    const metrics = Effect.gen(function* () {
      const measured = yield* PrometheusMetrics.format()
      const memory = process.memoryUsage()
      const dynamics = (yield* tree.snapshot).flatMap((actor) =>
        actor.children === undefined
          ? []
          : [`choiros_actors_live{supervisor=${JSON.stringify(actor.path)}} ${actor.children.live}`]
      )
      const lines = [
        "# TYPE process_resident_memory_bytes gauge",
        `process_resident_memory_bytes ${memory.rss}`,
        "# TYPE nodejs_heap_used_bytes gauge",
        `nodejs_heap_used_bytes ${memory.heapUsed}`,
        "# TYPE process_uptime_seconds gauge",
        `process_uptime_seconds ${process.uptime()}`,
        "# TYPE choiros_log_head gauge",
        `choiros_log_head ${yield* log.head}`,
        "# TYPE choiros_actors_live gauge",
        ...dynamics
      ]
      return HttpServerResponse.text(`${lines.join("\n")}\n${measured}`, {
        contentType: "text/plain; version=0.0.4; charset=utf-8"
      })
    })

    /** Made when first asked for: a start has no use for it. */
    const description = yield* Effect.cached(Effect.sync(() => openApi(version)))

    return [
      route("GET", "/health", () => health),
      route("GET", "/supervision", () => supervision),
      route("GET", "/metrics", () => metrics),
      route("GET", "/openapi.json", () => Effect.map(description, (document) => ok(document))),
      route("GET", "/docs", () => Effect.map(description, (document) => HttpServerResponse.html(apiPage(document))))
    ]
  })
