/**
 * The server's end of the channel. What comes from the other end is hostile.
 *
 * Law: every request gets one answer, and each thing that the host says is one that was asked for; anything else ends the
 * channel, and then everything that waits on it fails with `JailLost`.
 */
import type { Duplex } from "node:stream"
import type * as Cause from "effect/Cause"
import * as CauseModule from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Queue from "effect/Queue"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { JailLost } from "./errors.ts"
import { encodeFrame, FrameReader } from "./frames.ts"
import {
  type Args,
  channelWindow,
  type Failure,
  FromHost,
  type FromServer,
  maxScreenBytes,
  type Operation,
  operations,
  type Value
} from "./messages.ts"

/** What the host answered instead of a value. */
export interface Refused {
  readonly _tag: "Refused"
  readonly failure: Failure
  readonly payload: Uint8Array
}

export type Exited = { readonly code: number | null; readonly signal: string | null }

export type Item =
  | {
      readonly kind: "chunk"
      readonly source: "pty" | "stdout" | "stderr"
      readonly offset: number
      readonly data: Buffer
    }
  | {
      readonly kind: "screen"
      readonly offset: number
      readonly screen: Buffer
      readonly cols: number
      readonly rows: number
    }
  | { readonly kind: "resized"; readonly cols: number; readonly rows: number }
  | { readonly kind: "exited"; readonly exit: Exited }

/** One channel of bytes from the host, read by one reader. */
export interface Flow {
  readonly channel: number
  /** Reading gives credit. Ends when the host closes the channel. */
  readonly items: Stream.Stream<Item, JailLost>
  /** The program's end, whether the items are read or not. */
  readonly exited: Effect.Effect<Exited, JailLost>
  readonly closed: Effect.Effect<void, JailLost>
  /** Says that nobody reads any more. */
  readonly release: Effect.Effect<void>
}

export interface TerminalExited {
  readonly id: string
  readonly pid: number
  readonly exit: Exited
}

/** Items are not only bytes: a host that sends empty ones without end must stop somewhere. */
const itemCost = 64
const maxFlowBytes = channelWindow + maxScreenBytes + 1024 * itemCost
const creditStep = channelWindow / 8
const maxFlows = 4096

const decode = Schema.decodeUnknownExit(FromHost)

interface Waiting {
  readonly answer: (reply: Extract<FromHost, { type: "reply" }>, payload: Uint8Array) => void
  readonly lost: (error: JailLost) => void
}

interface FlowState {
  readonly queue: Queue.Queue<Item, JailLost | Cause.Done>
  readonly exited: Deferred.Deferred<Exited, JailLost>
  readonly closed: Deferred.Deferred<void, JailLost>
  heldBytes: number
  owedCredit: number
}

export class Channel {
  private readonly socket: Duplex
  private readonly onTerminalExit: (event: TerminalExited) => void
  private readonly waiting = new Map<number, Waiting>()
  private readonly flows = new Map<number, FlowState>()
  private readonly ended = Deferred.makeUnsafe<JailLost>()
  private nextRequest = 1
  private nextChannel = 1
  private end: JailLost | undefined

  constructor(socket: Duplex, onTerminalExit: (event: TerminalExited) => void) {
    this.socket = socket
    this.onTerminalExit = onTerminalExit
    const reader = new FrameReader()
    socket.on("data", (chunk: Buffer) => {
      if (this.end !== undefined) return
      try {
        for (const { header, payload } of reader.push(chunk)) this.receive(header, payload)
      } catch (error) {
        this.fail(error instanceof Error ? error.message : String(error))
      }
    })
    socket.on("error", () => this.fail("the channel broke"))
    socket.on("end", () => this.fail("the channel was closed"))
    socket.on("close", () => this.fail("the channel was closed"))
  }

  /** Completes when the channel has ended, with the reason. */
  get lost(): Effect.Effect<JailLost> {
    return Deferred.await(this.ended)
  }

  get isOpen(): boolean {
    return this.end === undefined
  }

  request<K extends Operation>(
    operation: K,
    args: Args<K>,
    payload?: Uint8Array
  ): Effect.Effect<{ readonly value: Value<K>; readonly payload: Uint8Array }, Refused | JailLost> {
    return Effect.callback((resume) => {
      if (this.end !== undefined) return resume(Effect.fail(this.end))
      const id = this.nextRequest++
      // An interrupted request stays here until its answer comes: an answer to nobody is a lie.
      this.waiting.set(id, {
        lost: (error) => resume(Effect.fail(error)),
        answer: (reply, bytes) => {
          if (!reply.ok) return resume(Effect.fail({ _tag: "Refused", failure: reply.error, payload: bytes }))
          const value = Schema.decodeUnknownExit(operations[operation].value)(reply.value)
          if (Exit.isFailure(value)) return this.fail(`the answer to ${operation} has the wrong shape`)
          this.waiting.delete(id)
          resume(Effect.succeed({ value: value.value, payload: bytes }))
        }
      })
      this.send({ type: "request", id, op: operation, args }, payload)
    })
  }

  /** A new channel of bytes; its number goes into the request that has the host fill it. */
  flow(): Flow {
    const channel = this.nextChannel++
    const state: FlowState = {
      queue: Effect.runSync(Queue.unbounded<Item, JailLost | Cause.Done>()),
      exited: Deferred.makeUnsafe(),
      closed: Deferred.makeUnsafe(),
      heldBytes: 0,
      owedCredit: 0
    }
    if (this.end !== undefined) failFlow(state, this.end)
    else if (this.flows.size >= maxFlows) failFlow(state, new JailLost({ reason: "too many open channels" }))
    else this.flows.set(channel, state)

    const pull = Queue.takeAll(state.queue).pipe(
      Effect.tap((items) => Effect.sync(() => this.taken(channel, state, items)))
    )
    return {
      channel,
      items: Stream.fromPull(Effect.succeed(pull)),
      exited: Deferred.await(state.exited),
      closed: Deferred.await(state.closed),
      release: Effect.sync(() => {
        if (!this.flows.delete(channel)) return
        Queue.endUnsafe(state.queue)
        this.send({ type: "release", channel })
      })
    }
  }

  /** Says goodbye: the host ends all and itself. */
  close(): void {
    this.fail("it was stopped")
  }

  private taken(channel: number, state: FlowState, items: ReadonlyArray<Item>): void {
    for (const item of items) {
      state.heldBytes -= bytesOf(item) + itemCost
      state.owedCredit += bytesOf(item)
    }
    if (state.owedCredit < creditStep || !this.flows.has(channel)) return
    this.send({ type: "credit", channel, bytes: state.owedCredit })
    state.owedCredit = 0
  }

  private receive(header: unknown, payload: Uint8Array): void {
    const decoded = decode(header)
    if (Exit.isFailure(decoded)) {
      this.fail("the host sent something that is no message")
      return
    }
    const message = decoded.value
    switch (message.type) {
      case "reply": {
        const waiting = this.waiting.get(message.id)
        if (waiting === undefined) this.fail("the host answered what nobody asked")
        else waiting.answer(message, payload)
        this.waiting.delete(message.id)
        return
      }
      case "terminal_exited":
        this.onTerminalExit({ id: message.id, pid: message.pid, exit: message.exit })
        return
      case "closed": {
        const state = this.flowOf(message.channel)
        if (state === undefined) return
        this.flows.delete(message.channel)
        Queue.endUnsafe(state.queue)
        Deferred.doneUnsafe(state.closed, Effect.void)
        // A channel that closes has ended, also when nobody said how.
        Deferred.doneUnsafe(state.exited, Effect.succeed({ code: null, signal: null }))
        return
      }
      case "exited": {
        const state = this.flowOf(message.channel)
        if (state === undefined) return
        Deferred.doneUnsafe(state.exited, Effect.succeed(message.exit))
        this.offer(state, { kind: "exited", exit: message.exit })
        return
      }
      default: {
        const state = this.flowOf(message.channel)
        if (state !== undefined) this.offer(state, itemOf(message, payload))
      }
    }
  }

  /** Undefined when the server has released it; a channel that never was is a lie. */
  private flowOf(channel: number): FlowState | undefined {
    if (channel >= this.nextChannel || channel === 0) this.fail("the host wrote to a channel that nobody opened")
    return this.flows.get(channel)
  }

  private offer(state: FlowState, item: Item): void {
    state.heldBytes += bytesOf(item) + itemCost
    if (state.heldBytes > maxFlowBytes) this.fail("the host sent more than it was allowed")
    else Queue.offerUnsafe(state.queue, item)
  }

  private send(message: FromServer, payload?: Uint8Array): void {
    if (this.end !== undefined) return
    this.socket.cork()
    for (const part of encodeFrame(message, payload)) this.socket.write(part)
    this.socket.uncork()
  }

  private fail(reason: string): void {
    if (this.end !== undefined) return
    const error = new JailLost({ reason })
    this.end = error
    this.socket.destroy()
    for (const waiting of this.waiting.values()) waiting.lost(error)
    this.waiting.clear()
    for (const state of this.flows.values()) failFlow(state, error)
    this.flows.clear()
    Deferred.doneUnsafe(this.ended, Effect.succeed(error))
  }
}

const failFlow = (state: FlowState, error: JailLost): void => {
  Queue.failCauseUnsafe(state.queue, CauseModule.fail(error))
  Deferred.doneUnsafe(state.exited, Effect.fail(error))
  Deferred.doneUnsafe(state.closed, Effect.fail(error))
}

const bytesOf = (item: Item): number =>
  item.kind === "chunk" ? item.data.length : item.kind === "screen" ? item.screen.length : 0

const itemOf = (message: Extract<FromHost, { type: "chunk" | "screen" | "resized" }>, payload: Uint8Array): Item => {
  const data = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
  switch (message.type) {
    case "chunk":
      return { kind: "chunk", source: message.source, offset: message.offset, data }
    case "screen":
      return { kind: "screen", offset: message.offset, screen: data, cols: message.cols, rows: message.rows }
    case "resized":
      return { kind: "resized", cols: message.cols, rows: message.rows }
  }
}
