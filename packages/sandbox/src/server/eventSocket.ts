/**
 * Live events: the backlog from where the client left off, then each event as it is committed.
 *
 * Law: gap-free, each durable event once, in `seq` order. A client that is too slow is told `lagged`, and what it missed
 * comes from the log.
 */
import { EventLog, type Item } from "@choiros/event-log"
import { EventsClientFrame, protocolVersion } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { type Connection, socketRoute } from "./Connection.ts"
import type { Route } from "./Route.ts"

const decodeFrame = Schema.decodeUnknownOption(EventsClientFrame)

const positionEvery = "15 seconds"

export const eventSockets: Effect.Effect<ReadonlyArray<Route>, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog
  return [socketRoute("/ws/events", () => Effect.succeed((connection) => session(log, connection)))]
})

const session = Effect.fnUntraced(function* (log: EventLog["Service"], connection: Connection) {
  const outer = yield* Effect.scope
  /** A new subscription takes the place of the one before it. */
  let current: Scope.Closeable | null = null

  const subscribe = Effect.fnUntraced(function* (frame: Extract<EventsClientFrame, { readonly type: "subscribe" }>) {
    if (current !== null) yield* Scope.close(current, Exit.void)
    const scope = yield* Scope.fork(outer)
    current = scope
    const head = yield* log.head
    const since = frame.since_seq ?? null
    const foreign = frame.log_id !== undefined && frame.log_id !== null && frame.log_id !== log.logId
    if (foreign || (since !== null && since > head)) {
      yield* connection.send({ type: "reset", log_id: log.logId, head, protocol_version: protocolVersion })
      return
    }
    const subscription = yield* log
      .subscribe({
        topics: frame.topics,
        ephemeral: frame.ephemeral !== false,
        ...(since === null ? {} : { since })
      })
      .pipe(Scope.provide(scope))
    const pump = Effect.forever(
      Effect.flatMap(subscription.take, (items) => Effect.forEach(items, show, { discard: true }))
    ).pipe(
      Effect.catch((error) =>
        Effect.logError("An event socket lost the log", error).pipe(
          Effect.andThen(connection.close(1011, "The log can't be read"))
        )
      )
    )
    const positions = Effect.forever(
      Effect.gen(function* () {
        yield* Effect.sleep(positionEvery)
        connection.offer({ type: "position", seq: yield* subscription.position })
      })
    )
    yield* Effect.forkIn(pump, scope)
    yield* Effect.forkIn(positions, scope)
  })

  const show = (item: Item): Effect.Effect<void> => {
    switch (item._tag) {
      case "Event":
        return connection.send({ type: "event", seq: item.event.seq, event: item.event })
      case "Ephemeral":
        return Effect.sync(() => {
          connection.offer({ type: "ephemeral", topic: item.topic, payload: item.frame.payload })
        })
      case "Lagged":
        return connection.send({ type: "lagged", from_seq: item.from_seq })
      case "CaughtUp":
        return connection.send({
          type: "caught_up",
          seq: item.seq,
          log_id: log.logId,
          protocol_version: protocolVersion
        })
    }
  }

  return (raw: unknown): Effect.Effect<void> => {
    const frame = decodeFrame(raw)
    if (Option.isNone(frame)) return connection.send({ type: "error", message: "Invalid message format" })
    return frame.value.type === "ping" ? connection.send({ type: "pong" }) : subscribe(frame.value)
  }
})
