/** The terminals over HTTP. GET makes and stops them too, as older clients expect; POST and DELETE stand beside it. */
import type { EventLog } from "@choiros/event-log"
import { Jail } from "@choiros/jail"
import type {
  TerminalCreatedReply,
  TerminalInfoReply,
  TerminalLeftReply,
  TerminalStoppedReply,
  TerminalsReply
} from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { fail, type HttpFailure, type Method, ok, type RequestContext, type Route, route } from "../server/Route.ts"
import { type Released, type TerminalError, type TerminalMessage, terminals } from "./TerminalActor.ts"
import type { TerminalOptions } from "./TerminalOptions.ts"
import { terminalSocket } from "./TerminalSocket.ts"
import { inWords } from "./unreachable.ts"

const soon = { timeout: "10 seconds" } as const

export const terminalRoutes: Effect.Effect<
  ReadonlyArray<Route>,
  never,
  EventLog | Jail | Tree | TerminalOptions
> = Effect.gen(function* () {
  const jail = yield* Jail
  const tree = yield* Tree
  const socket = yield* terminalSocket

  const of = (id: string) => Effect.mapError(tree.getOrStart(terminals, id), unavailable)

  const info = Effect.fnUntraced(function* (id: string, asking: string | null) {
    // One that leaves just as it is asked is asked once more: what runs in it is still there.
    const { user_id, ...rest } = yield* Effect.flatMap(tree.getOrStart(terminals, id), (terminal) =>
      terminal.call<TerminalInfo>((reply): TerminalMessage => ({ _tag: "Info", reply }), soon)
    ).pipe(
      Effect.retry({ times: 3, while: (error) => error._tag === "Supervision.ActorDead" }),
      Effect.mapError(unavailable)
    )
    return { ...rest, user_id: user_id ?? asking ?? "anonymous" } satisfies TerminalInfoReply
  })

  const listed = ({
    cwd,
    id,
    title
  }: {
    readonly id: string
    readonly cwd: string | null
    readonly title: string | null
  }) => Effect.map(info(id, null), (found) => ({ ...found, title, folder: cwd }))

  const list = Effect.gen(function* () {
    const running = (yield* jail.pid) !== null
    const known = running ? yield* Effect.mapError(jail.ptys.list, unavailable) : []
    const reply: TerminalsReply = { terminals: yield* Effect.forEach(known, listed) }
    return ok(reply)
  })

  const create = Effect.fnUntraced(function* ({ param }: RequestContext) {
    const id = param("terminal_id")
    yield* of(id)
    return ok({ terminal_id: id, status: "created" } satisfies TerminalCreatedReply)
  })

  const stop = Effect.fnUntraced(function* ({ param }: RequestContext) {
    const id = param("terminal_id")
    const terminal = yield* of(id)
    yield* terminal
      .call<void, TerminalError>((reply): TerminalMessage => ({ _tag: "Stop", reply }), soon)
      .pipe(Effect.mapError(unavailable))
    return ok({ terminal_id: id, status: "stopped" } satisfies TerminalStoppedReply)
  })

  const leave = Effect.fnUntraced(function* ({ param }: RequestContext) {
    const id = param("terminal_id")
    const terminal = yield* of(id)
    const status = yield* terminal
      .call<Released, TerminalError>((reply): TerminalMessage => ({ _tag: "Release", reply, again: false }), soon)
      .pipe(Effect.mapError(unavailable))
    return ok({ terminal_id: id, status } satisfies TerminalLeftReply)
  })

  const bare = (method: Method, path: `/${string}`, handler: Route["handler"], changesState: boolean) =>
    route(method, path, handler, { failure: "bare", changesState })
  return [
    bare("GET", "/api/terminals", () => list, false),
    bare("GET", "/api/terminals/:terminal_id", create, true),
    bare("POST", "/api/terminals/:terminal_id", create, true),
    bare("DELETE", "/api/terminals/:terminal_id", stop, true),
    bare(
      "GET",
      "/api/terminals/:terminal_id/info",
      ({ param, query }) => Effect.map(info(param("terminal_id"), query.get("user_id")), (found) => ok(found)),
      false
    ),
    bare("GET", "/api/terminals/:terminal_id/stop", stop, true),
    bare("POST", "/api/terminals/:terminal_id/stop", stop, true),
    bare("POST", "/api/terminals/:terminal_id/leave", leave, true),
    socket
  ]
})

type TerminalInfo = Omit<TerminalInfoReply, "user_id"> & { readonly user_id: string | null }

const unavailable = (error: Parameters<typeof inWords>[0]): HttpFailure => fail(503, inWords(error))
