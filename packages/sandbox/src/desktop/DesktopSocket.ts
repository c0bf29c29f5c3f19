/**
 * A desktop's socket: the whole desktop first, then each change.
 *
 * Law: between the state and the first change nothing is lost, and every subscriber sees the same changes in the same
 * order, since both come out of one log. A socket shows one desktop; subscribing again takes the place of what it showed.
 */
import { blobOf, EventLog, type Item, type ReadError } from "@choiros/event-log"
import {
  DesktopClientFrame,
  desktopChangeFrame,
  desktopDragTopic,
  desktopEventTypes,
  desktopToWire,
  type Event,
  evolveDesktop,
  findWindow,
  ulid,
  WindowDraggedFrame
} from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Scope from "effect/Scope"
import { type Connection, socketRoute } from "../server/Connection.ts"
import type { Route } from "../server/Route.ts"
import { desktopInWords, getDesktop, userActs } from "./DesktopActor.ts"
import type { LoadedDesktop } from "./loadDesktop.ts"

/** In milliseconds; what comes sooner is dropped. A little less than a client's second, which may be late or early. */
const activeEvery = 900

const decodeFrame = Schema.decodeUnknownOption(DesktopClientFrame)

export const desktopSockets: Effect.Effect<ReadonlyArray<Route>, never, EventLog | Tree> = Effect.gen(function* () {
  const log = yield* EventLog
  const tree = yield* Tree
  return [socketRoute("/ws", () => Effect.succeed((connection) => session(log, tree, connection)))]
})

/** What a socket shows, and how far it has shown it. */
interface Shown {
  readonly desktopId: string
  readonly scope: Scope.Closeable
  desktop: LoadedDesktop
}

const session = Effect.fnUntraced(function* (log: EventLog["Service"], tree: Tree, connection: Connection) {
  const outer = yield* Effect.scope
  /** Whose drag it is: nobody gets their own back. */
  const sender = ulid()
  let shown: Shown | null = null

  const whole = (event: Event): Effect.Effect<Event, ReadError> =>
    blobOf(event.payload) === undefined
      ? Effect.succeed(event)
      : Effect.map(log.read({ event_id: event.event_id, payloads: "full" }), ([full]) => full ?? event)

  const show = (to: Shown, item: Item): Effect.Effect<void, ReadError> => {
    switch (item._tag) {
      case "Event":
        return Effect.flatMap(whole(item.event), (event) => {
          to.desktop = { state: evolveDesktop(to.desktop.state, event), version: event.seq }
          const frame = desktopChangeFrame(event, to.desktop.state)
          return frame === null ? Effect.void : connection.send(frame)
        })
      case "Ephemeral":
        return Effect.sync(() => {
          const { payload } = item.frame
          if (isDrag(payload) && payload.sender !== sender) connection.offer(payload.frame)
        })
      case "Lagged":
        return connection.send({ type: "lagged", from_seq: item.from_seq })
      case "CaughtUp":
        return Effect.void
    }
  }

  const subscribe = Effect.fnUntraced(function* (desktopId: string) {
    if (shown !== null) yield* Scope.close(shown.scope, Exit.void)
    shown = null
    const desktop = yield* getDesktop(tree, desktopId)
    const to: Shown = { desktopId, desktop, scope: yield* Scope.fork(outer) }
    shown = to
    yield* connection.send({ type: "desktop_state", desktop: desktopToWire(desktop.state) })
    const subscription = yield* log
      .subscribe({
        topics: [...desktopEventTypes, "desktop.notified", desktopDragTopic],
        scope: { actor_id: desktopId },
        since: desktop.version,
        ephemeral: true
      })
      .pipe(Scope.provide(to.scope))
    const pump = Effect.flatMap(subscription.take, (items) =>
      Effect.forEach(items, (item) => show(to, item), { discard: true })
    )
    yield* Effect.forever(pump).pipe(
      Effect.catch((error) =>
        Effect.logError("A desktop socket lost the log", error).pipe(
          Effect.andThen(connection.close(1011, "The log can't be read"))
        )
      ),
      Effect.forkIn(to.scope)
    )
  })

  /** By what says so, when the user has acted last: a drag takes nothing from what is typed beside it. */
  const acted = { active: Number.NEGATIVE_INFINITY, drag: Number.NEGATIVE_INFINITY }
  const acts = Effect.fnUntraced(function* (by: keyof typeof acted, to: Shown, window_id: string | undefined) {
    const now = yield* Clock.currentTimeMillis
    if (now - acted[by] < activeEvery) return
    acted[by] = now
    const touched = window_id === undefined ? undefined : findWindow(to.desktop.state, window_id)
    yield* userActs(tree, to.desktopId, touched?.id ?? null)
  })

  const drag = (frame: Extract<DesktopClientFrame, { readonly type: "drag" }>): Effect.Effect<void> => {
    const { type: _, ...moved } = frame
    if (shown === null) return connection.send(wrong("Subscribe to a desktop first"))
    if (findWindow(shown.desktop.state, frame.window_id) === undefined) {
      return connection.send(wrong(`Window not found: ${frame.window_id}`))
    }
    log.publish(desktopDragTopic, {
      actor_id: shown.desktopId,
      payload: { sender, frame: { type: "window_dragged", ...moved } }
    })
    return acts("drag", shown, frame.window_id)
  }

  const active = ({ window_id }: Extract<DesktopClientFrame, { readonly type: "active" }>): Effect.Effect<void> =>
    shown === null ? connection.send(wrong("Subscribe to a desktop first")) : acts("active", shown, window_id)

  yield* connection.send({ type: "pong" })

  return (raw: unknown): Effect.Effect<void> => {
    const frame = decodeFrame(raw)
    if (Option.isNone(frame)) return connection.send(wrong("Invalid message format"))
    switch (frame.value.type) {
      case "ping":
        return connection.send({ type: "pong" })
      case "drag":
        return drag(frame.value)
      case "active":
        return active(frame.value)
      case "subscribe":
        return subscribe(frame.value.desktop_id).pipe(
          Effect.catch((error) => connection.send(wrong(desktopInWords(error))))
        )
    }
  }
})

const isDrag = Schema.is(Schema.Struct({ sender: Schema.String, frame: WindowDraggedFrame }))

const wrong = (message: string) => ({ type: "error", message })
