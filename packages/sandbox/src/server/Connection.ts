/**
 * One WebSocket of a client's: JSON frames in, JSON frames out through a bounded queue.
 *
 * Law: a client that reads slowly holds up its own session and nobody else's. `send` waits for room; `offer` (for what
 * may be lost: deltas, positions) gives up when there is none.
 */
import { IncomingMessage } from "node:http"
import type { Socket as Transport } from "node:net"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Latch from "effect/Latch"
import type * as Scope from "effect/Scope"
import * as Socket from "effect/socket/Socket"
import { fail, type Handler, type HttpFailure, type RequestContext, type Route, route } from "./Route.ts"

export interface Connection {
  /** Queues a frame; waits while the queue is full. */
  readonly send: (frame: object) => Effect.Effect<void>
  /** Queues a frame unless the queue is full; false when it was dropped. */
  readonly offer: (frame: object) => boolean
  /** Closes after what is queued was sent. */
  readonly close: (code: number, reason?: string) => Effect.Effect<void>
}

/** What a session does with a frame of the client's: `undefined` stands for text that is not JSON. */
export type OnFrame = (frame: unknown) => Effect.Effect<void>

/** Most frames and bytes (UTF-16 code units, taken as bytes) that wait for one client. */
const queueLimit = { frames: 1024, bytes: 4 * 1024 * 1024 }

/** Bytes of the largest frame that a client may send. */
export const maximumFrame = 1024 * 1024

/**
 * A route that becomes a socket. `open` may refuse (with an `HttpFailure`) before the upgrade; what it returns runs for
 * as long as the connection is open, in a scope that closes with it, and gives the handler of the client's frames.
 */
export const socketRoute = (
  path: `/${string}`,
  open: (
    context: RequestContext
  ) => Effect.Effect<(connection: Connection) => Effect.Effect<OnFrame, never, Scope.Scope>, HttpFailure>,
  options: { readonly failure?: Route["failure"] } = {}
): Route => {
  const handler: Handler = Effect.fnUntraced(function* (context) {
    const { headers, method } = context.request
    if (method !== "GET" || headers.upgrade?.toLowerCase() !== "websocket") {
      return yield* fail(426, "This address is a WebSocket")
    }
    // Looked at before anything is opened for it; the library would refuse it afterwards.
    if (headers["sec-websocket-version"] !== "13" || !handshakeKey.test(headers["sec-websocket-key"] ?? "")) {
      return yield* fail(400, "The WebSocket handshake is not one of version 13")
    }
    const session = yield* open(context)
    yield* serve(context.request, session)
    return HttpServerResponse.empty()
  })
  return route("GET", path, handler, { ...options, changesState: true })
}

const handshakeKey = /^[+/0-9A-Za-z]{22}==$/

const serve = Effect.fnUntraced(function* (
  request: HttpServerRequest.HttpServerRequest,
  session: (connection: Connection) => Effect.Effect<OnFrame, never, Scope.Scope>
): Effect.fn.Return<void, HttpFailure, Scope.Scope> {
  const refused = fail(400, "The WebSocket could not be opened")
  const socket = yield* Effect.mapError(request.upgrade, () => refused)
  const reader = yield* Effect.mapError(socket.reader, () => refused)
  const writer = yield* socket.writer
  const transport = request.source instanceof IncomingMessage ? request.source.socket : undefined
  const flushed = transport === undefined ? Effect.void : drained(transport)
  const outbound = new Outbound()
  const onFrame = yield* session({
    send: (frame) => outbound.send(JSON.stringify(frame)),
    offer: (frame) => outbound.offer(JSON.stringify(frame)),
    close: (code, reason) => outbound.send(new Socket.CloseEvent(code, reason))
  })
  const write = Effect.forever(
    Effect.flatMap(outbound.take, (batch) => {
      const texts = batch.filter((item) => typeof item === "string")
      const closing = batch.find((item) => typeof item !== "string")
      const [first, ...rest] = texts
      const written = first === undefined ? Effect.void : writer.writeAll([first, ...rest])
      // The library writes without waiting: only here a slow client holds up its own queue.
      return Effect.andThen(written, closing === undefined ? flushed : writer.write(closing))
    })
  )
  const read = Effect.forever(
    Effect.flatMap(reader.pull, (chunks) => Effect.forEach(chunks, (chunk) => onFrame(parse(chunk)), { discard: true }))
  )
  // A socket that ends is no failure: whoever closed it, the session is over.
  yield* Effect.ignore(Effect.raceFirst(read, write))
})

/** Waits until what was written is on its way, or the connection is gone. */
const drained = (transport: Transport): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (!transport.writableNeedDrain || transport.destroyed) return resume(Effect.void)
    const leave = () => {
      transport.off("drain", done)
      transport.off("close", done)
    }
    const done = () => {
      leave()
      resume(Effect.void)
    }
    transport.once("drain", done)
    transport.once("close", done)
    return Effect.sync(leave)
  })

const parse = (chunk: string | Uint8Array): unknown => {
  try {
    return JSON.parse(typeof chunk === "string" ? chunk : new TextDecoder().decode(chunk))
  } catch {
    return undefined
  }
}

type Item = string | Socket.CloseEvent

/** The bounded queue between a session and its transport. */
class Outbound {
  #items: Array<Item> = []
  #bytes = 0
  readonly #filled = Latch.makeUnsafe(false)
  readonly #room = Latch.makeUnsafe(true)

  offer(item: Item): boolean {
    if (this.#isFull()) return false
    this.#push(item)
    return true
  }

  send(item: Item): Effect.Effect<void> {
    return Effect.suspend(() => {
      if (!this.#isFull()) {
        this.#push(item)
        return Effect.void
      }
      this.#room.closeUnsafe()
      return Effect.andThen(this.#room.await, this.send(item))
    })
  }

  /** All that waits, at least one item. */
  get take(): Effect.Effect<ReadonlyArray<Item>> {
    return Effect.suspend(() => {
      if (this.#items.length === 0) {
        this.#filled.closeUnsafe()
        return Effect.andThen(this.#filled.await, this.take)
      }
      const items = this.#items
      this.#items = []
      this.#bytes = 0
      this.#room.openUnsafe()
      return Effect.succeed(items)
    })
  }

  #isFull(): boolean {
    return this.#items.length >= queueLimit.frames || this.#bytes >= queueLimit.bytes
  }

  #push(item: Item): void {
    this.#items.push(item)
    this.#bytes += typeof item === "string" ? item.length : 0
    this.#filled.openUnsafe()
  }
}
