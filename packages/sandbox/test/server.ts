/** A real server over given routes for tests, and clients of it. Everything ends with the scope. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { EventLog } from "@choiros/event-log"
import { catalog } from "@choiros/protocol"
import { Effect, Schema, type Scope } from "effect"
import type { Route } from "../src/server/Route.ts"
import { listen } from "../src/server/Server.ts"

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "choir-sandbox-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The log in a real file, with its writer. */
export const logIn = (folder: string) =>
  EventLog.layer({ path: join(folder, "events.db"), blobs: join(folder, "blobs"), catalog, forkWriter: true })

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: unknown
  readonly bytes: Uint8Array
}

export interface TestServer {
  readonly port: number
  /** Sends `body` as JSON, or as it is when it is text or bytes. */
  readonly request: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>
  ) => Effect.Effect<Reply>
  readonly socket: (path: string) => Effect.Effect<TestSocket, never, Scope.Scope>
}

export const startServer = Effect.fnUntraced(function* (routes: ReadonlyArray<Route>) {
  const port = yield* listen(routes, {
    port: 0,
    host: "127.0.0.1",
    hostNames: [],
    token: null,
    page: () => Effect.undefined
  }).pipe(Effect.orDie)
  const server: TestServer = {
    port,
    request: (method, path, body, headers = {}) =>
      Effect.promise(async () => {
        const raw = typeof body === "string" || body instanceof Uint8Array
        const response = await fetch(`http://127.0.0.1:${port}${path}`, {
          method,
          headers: body === undefined || raw ? headers : { "content-type": "application/json", ...headers },
          ...(body === undefined
            ? {}
            : {
                body:
                  typeof body === "string"
                    ? body
                    : body instanceof Uint8Array
                      ? Uint8Array.from(body)
                      : JSON.stringify(body)
              })
        })
        const bytes = new Uint8Array(await response.arrayBuffer())
        return { status: response.status, headers: response.headers, bytes, body: parse(bytes) }
      }),
    socket: (path) => openSocket(`ws://127.0.0.1:${port}${path}`)
  }
  return server
})

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/** A frame, as far as tests look into it. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string }
const decodeFrame = Schema.decodeUnknownSync(
  Schema.fromJsonString(
    Schema.StructWithRest(Schema.Struct({ type: Schema.String }), [Schema.Record(Schema.String, Schema.Unknown)])
  )
)

export interface TestSocket {
  /** Sends a frame as JSON, or text as it is. */
  readonly send: (frame: unknown) => Effect.Effect<void>
  /** The next frame that was not taken yet. */
  readonly next: Effect.Effect<Frame>
  /** Takes frames up to the first that fits, and gives them all. */
  readonly until: (fits: (frame: Frame) => boolean) => Effect.Effect<ReadonlyArray<Frame>>
  readonly closed: Effect.Effect<number>
  readonly close: Effect.Effect<void>
}

const openSocket = (url: string): Effect.Effect<TestSocket, never, Scope.Scope> =>
  Effect.gen(function* () {
    const socket = new WebSocket(url)
    const frames: Array<Frame> = []
    let wake = () => {}
    let code: number | undefined
    socket.addEventListener("message", (event) => {
      frames.push(decodeFrame(event.data))
      wake()
    })
    socket.addEventListener("close", (event) => {
      code = event.code
      wake()
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => socket.close()))
    const change = Effect.callback<void>((resume) => {
      wake = () => resume(Effect.void)
    })
    const opened = Effect.callback<void>((resume) => {
      socket.addEventListener("open", () => resume(Effect.void))
      socket.addEventListener("close", (event) =>
        resume(Effect.die(new Error(`The socket was closed with ${event.code}`)))
      )
    })
    yield* opened
    const next: Effect.Effect<Frame> = Effect.suspend(() => {
      const frame = frames.shift()
      if (frame !== undefined) return Effect.succeed(frame)
      if (code !== undefined) return Effect.die(new Error(`The socket was closed with ${code}`))
      return Effect.andThen(change, next)
    })
    const until: TestSocket["until"] = (fits) =>
      Effect.gen(function* () {
        const taken: Array<Frame> = []
        for (;;) {
          const frame = yield* next
          taken.push(frame)
          if (fits(frame)) return taken
        }
      })
    const closed: Effect.Effect<number> = Effect.suspend(() =>
      code === undefined ? Effect.andThen(change, closed) : Effect.succeed(code)
    )
    return {
      send: (frame) => Effect.sync(() => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame))),
      next,
      until,
      closed,
      close: Effect.sync(() => socket.close())
    }
  })
