/** A desktop over HTTP: what is on it, and the commands that change it. What is refused or not found is 400. */
import type { EventLog } from "@choiros/event-log"
import {
  type DesktopCommand,
  type DesktopReply,
  desktopSentences,
  desktopToWire,
  findWindow,
  isEvent,
  OpBody,
  PositionBody,
  RegisterAppBody,
  RestoreBody,
  SizeBody,
  SnapBody,
  ulid,
  type Window,
  WindowOpenBody,
  WindowUpdateBody,
  windowToWire
} from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as Schema from "effect/Schema"
import {
  decodeField,
  fail,
  type HttpFailure,
  jsonBody,
  ok,
  type RequestContext,
  type Route,
  route
} from "../server/Route.ts"
import { commandDesktop, type DesktopOutcome, desktopInWords, getDesktop } from "./DesktopActor.ts"

const desktopPath = "/desktop/:desktop_id"
const windowPath = "/desktop/:desktop_id/windows/:window_id"

export const desktopRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog | Tree> = Effect.gen(function* () {
  const tree = yield* Tree

  const loaded = ({ param }: RequestContext) =>
    Effect.mapError(getDesktop(tree, param("desktop_id")), (error) => fail(503, desktopInWords(error)))

  const shown = (context: RequestContext) => Effect.map(loaded(context), ({ state }) => desktopToWire(state))

  const run = ({ param }: RequestContext, command: DesktopCommand): Effect.Effect<DesktopOutcome, HttpFailure> =>
    commandDesktop(tree, param("desktop_id"), command).pipe(
      Effect.mapError((error) =>
        error._tag === "Desktop.Refusal" ? fail(400, error.message) : fail(503, desktopInWords(error))
      )
    )

  const done = (message: string) => ok({ success: true, message })

  const open = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, ...body } = yield* jsonBody(context.request, WindowOpenBody)
    const window_id = body.window_id ?? ulid()
    const outcome = yield* run(context, {
      _tag: "Open",
      window_id,
      app_id: body.app_id,
      title: body.title,
      props: body.props ?? {},
      x: body.x ?? undefined,
      y: body.y ?? undefined,
      width: body.width ?? undefined,
      height: body.height ?? undefined,
      zone: body.zone ?? undefined,
      maximized: body.maximized ?? undefined,
      raise: body.raise ?? undefined,
      ...named(op_id)
    })
    return ok({ success: true, window: windowOf(outcome, outcome.window_id ?? window_id), error: null })
  })

  const update = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, props, title } = yield* jsonBody(context.request, WindowUpdateBody)
    const window_id = context.param("window_id")
    const changed = { title: title ?? undefined, props: props ?? undefined }
    const outcome = yield* run(context, { _tag: "Update", window_id, ...changed, ...named(op_id) })
    return ok({ success: true, window: windowOf(outcome, window_id), message: desktopSentences.updated })
  })

  const move = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, x, y } = yield* jsonBody(context.request, PositionBody)
    yield* run(context, { _tag: "Move", window_id: context.param("window_id"), x, y, ...named(op_id) })
    return done(desktopSentences.moved)
  })

  const resize = Effect.fnUntraced(function* (context: RequestContext) {
    const { height, op_id, width, x, y } = yield* jsonBody(context.request, SizeBody)
    const window_id = context.param("window_id")
    const place = { x: x ?? undefined, y: y ?? undefined }
    yield* run(context, { _tag: "Resize", window_id, width, height, ...place, ...named(op_id) })
    return done(desktopSentences.resized)
  })

  const snap = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, zone } = yield* jsonBody(context.request, SnapBody)
    const window_id = context.param("window_id")
    const outcome = yield* run(context, { _tag: "Snap", window_id, zone: zone ?? null, ...named(op_id) })
    return ok({ success: true, window: windowOf(outcome, window_id), message: desktopSentences.snapped })
  })

  const registerApp = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, ...app } = yield* jsonBody(context.request, RegisterAppBody)
    yield* run(context, { _tag: "RegisterApp", app, ...named(op_id) })
    return done(desktopSentences.registered)
  })

  const close = Effect.fnUntraced(function* (context: RequestContext) {
    const said = yield* decodeField(OpBody, "query", Object.fromEntries(context.query))
    const { op_id } = said.op_id === undefined ? yield* optionalBody(context.request, OpBody) : said
    yield* run(context, { _tag: "Close", window_id: context.param("window_id"), ...named(op_id) })
    return done(desktopSentences.closed)
  })

  /** A command that says all in its address. */
  const simple = (_tag: "Focus" | "Minimize" | "Maximize") =>
    Effect.fnUntraced(function* (context: RequestContext) {
      const { op_id } = yield* optionalBody(context.request, OpBody)
      const window_id = context.param("window_id")
      const outcome = yield* run(context, { _tag, window_id, ...named(op_id) })
      return { outcome, window: windowOf(outcome, window_id) }
    })
  const focus = simple("Focus")
  const minimize = simple("Minimize")
  const maximize = simple("Maximize")

  const restore = Effect.fnUntraced(function* (context: RequestContext) {
    const { op_id, x, y } = yield* optionalBody(context.request, RestoreBody)
    const window_id = context.param("window_id")
    const place = { x: x ?? undefined, y: y ?? undefined }
    const outcome = yield* run(context, { _tag: "Restore", window_id, ...place, ...named(op_id) })
    return { outcome, window: windowOf(outcome, window_id) }
  })

  return [
    route("GET", desktopPath, (context) =>
      Effect.map(loaded(context), ({ state, version }) =>
        ok({ success: true, desktop: desktopToWire(state), seq: version } satisfies DesktopReply)
      )
    ),
    route("GET", `${desktopPath}/windows`, (context) =>
      Effect.map(shown(context), ({ windows }) => ok({ success: true, windows }))
    ),
    route("GET", `${desktopPath}/apps`, (context) =>
      Effect.map(shown(context), ({ apps }) => ok({ success: true, apps }))
    ),
    route("POST", `${desktopPath}/apps`, registerApp),
    route("POST", `${desktopPath}/windows`, open),
    route("PATCH", windowPath, update),
    route("DELETE", windowPath, close),
    route("PATCH", `${windowPath}/position`, move),
    route("PATCH", `${windowPath}/size`, resize),
    route("PATCH", `${windowPath}/snap`, snap),
    route("POST", `${windowPath}/focus`, (context) => Effect.as(focus(context), done(desktopSentences.focused))),
    route("POST", `${windowPath}/minimize`, (context) =>
      Effect.as(minimize(context), done(desktopSentences.minimized))
    ),
    route("POST", `${windowPath}/maximize`, (context) =>
      Effect.map(maximize(context), ({ window }) => ok({ success: true, window, message: desktopSentences.maximized }))
    ),
    route("POST", `${windowPath}/restore`, (context) =>
      Effect.map(restore(context), ({ outcome, window }) =>
        ok({ success: true, window, from: restoredFrom(outcome), message: desktopSentences.restored })
      )
    )
  ]
})

const named = (op_id: string | null | undefined) => (op_id === undefined || op_id === null ? {} : { op_id })

/** A command that was carried out has its window; one that closes it is not asked for it. */
const windowOf = ({ state }: DesktopOutcome, windowId: string): Window | null => {
  const window = findWindow(state, windowId)
  return window === undefined ? null : windowToWire(window)
}

const restoredFrom = ({ events }: DesktopOutcome): "minimized" | "maximized" => {
  const [event] = events
  return event !== undefined && isEvent(event, "desktop.window_restored") ? event.payload.from : "minimized"
}

/** A body that may be left out. */
const optionalBody = <A>(
  request: HttpServerRequest.HttpServerRequest,
  schema: Schema.Codec<A, unknown>
): Effect.Effect<A, HttpFailure> => {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers
  return encoding === undefined && (length === undefined || length === "0")
    ? decodeField(schema, "body", {})
    : jsonBody(request, schema)
}
