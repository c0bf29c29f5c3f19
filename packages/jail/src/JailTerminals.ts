/**
 * Terminals by id, kept by the host with their screens: a server's actor that restarts finds them living.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Channel, Exited, Item, Refused, TerminalExited } from "./Channel.ts"
import { type JailLost, type JailUnavailable, TerminalFailure } from "./errors.ts"
import type { Args } from "./messages.ts"

export interface TerminalInfo {
  readonly id: string
  /** Of the program that runs, or that ran last. */
  readonly pid: number | null
  readonly cols: number
  readonly rows: number
  readonly running: boolean
  readonly exit: Exited | null
  /** Bytes shown so far. */
  readonly offset: number
  /** As told by the shell (OSC 7). */
  readonly cwd: string | null
  readonly title: string | null
}

export type TerminalOutput =
  | { readonly kind: "output"; readonly offset: number; readonly data: string }
  /** This viewer fell behind: reset, show `screen`, and go on from `offset`. */
  | {
      readonly kind: "resync"
      readonly offset: number
      readonly screen: string
      readonly cols: number
      readonly rows: number
    }
  | { readonly kind: "resized"; readonly cols: number; readonly rows: number }
  /** After the program's last output. */
  | { readonly kind: "exit"; readonly code: number | null; readonly signal: string | null }

export interface Attachment extends TerminalInfo {
  /** Serialized: covers the bytes before `offset`, and `output` begins there. */
  readonly screen: string
  /** For one reader, until the terminal is closed. No chunk ends within a character. Offsets count bytes of UTF-8. */
  readonly output: Stream.Stream<TerminalOutput, JailLost>
}

type Fails = TerminalFailure | JailLost | JailUnavailable

export interface JailTerminals {
  /** Starts a program on the terminal `id`, making it when needed; one that runs stays as it is (`created` false). */
  readonly open: (options: {
    readonly id: string
    readonly argv: ReadonlyArray<string>
    readonly cwd?: string
    readonly env?: Readonly<Record<string, string>>
    readonly cols?: number
    readonly rows?: number
  }) => Effect.Effect<{ readonly pid: number; readonly created: boolean }, Fails>
  readonly attach: (id: string) => Effect.Effect<Attachment, Fails, Scope.Scope>
  /** Shows text that no program of the terminal wrote; makes a terminal without a program when there is none. */
  readonly feed: (id: string, data: string | Uint8Array) => Effect.Effect<{ readonly offset: number }, Fails>
  /** Completes when the terminal has taken it. */
  readonly write: (id: string, data: string | Uint8Array) => Effect.Effect<void, Fails>
  /** 0x0 is ignored; at least 2x2. Gives the size that holds. */
  readonly resize: (
    id: string,
    cols: number,
    rows: number
  ) => Effect.Effect<{ readonly cols: number; readonly rows: number }, Fails>
  /** SIGHUP to the whole session, SIGKILL to what is left after `graceMs` (default 1,500). Completes when all are gone. */
  readonly kill: (id: string, options?: { readonly graceMs?: number }) => Effect.Effect<Exited | null, Fails>
  /** Kills, and forgets the screen; every attachment's output ends. */
  readonly close: (id: string, options?: { readonly graceMs?: number }) => Effect.Effect<void, Fails>
  readonly info: (id: string) => Effect.Effect<TerminalInfo | null, Fails>
  readonly list: Effect.Effect<ReadonlyArray<TerminalInfo>, Fails>
  /** Every program's end, from when the stream is run. */
  readonly exits: Stream.Stream<TerminalExited>
}

type TerminalOperation =
  | "pty.open"
  | "pty.attach"
  | "pty.feed"
  | "pty.write"
  | "pty.resize"
  | "pty.kill"
  | "pty.close"
  | "pty.info"
  | "pty.list"

const killGraceMs = 1500

export const makeTerminals = (
  use: Effect.Effect<Channel, JailUnavailable | JailLost>,
  workspace: string,
  exits: Stream.Stream<TerminalExited>
): JailTerminals => {
  const request = <K extends TerminalOperation>(
    channel: Channel,
    id: string,
    operation: K,
    args: Args<K>,
    data?: Uint8Array
  ) =>
    channel
      .request(operation, args, data)
      .pipe(Effect.catchTag("Refused", (refused) => Effect.fail(failureOf(refused, id))))

  const ask = <K extends TerminalOperation>(id: string, operation: K, args: Args<K>, data?: Uint8Array) =>
    Effect.map(
      Effect.flatMap(use, (channel) => request(channel, id, operation, args, data)),
      ({ value }) => value
    )

  return {
    open: ({ id, argv, cwd = workspace, env = {}, cols = 80, rows = 24 }) =>
      ask(id, "pty.open", {
        id,
        argv: [...argv],
        cwd,
        env: { TERM: "xterm-256color", COLORTERM: "truecolor", ...env },
        cols,
        rows
      }),

    attach: (id) =>
      Effect.gen(function* () {
        const channel = yield* use
        const flow = channel.flow()
        yield* Effect.addFinalizer(() => flow.release)
        const { value, payload } = yield* request(channel, id, "pty.attach", { id, channel: flow.channel })
        return {
          ...value,
          screen: textOf(payload),
          output: Stream.map(flow.items, outputOf)
        }
      }),

    feed: (id, data) => ask(id, "pty.feed", { id }, bytesOf(data)),
    write: (id, data) => Effect.asVoid(ask(id, "pty.write", { id }, bytesOf(data))),
    resize: (id, cols, rows) => ask(id, "pty.resize", { id, cols, rows }),
    kill: (id, { graceMs = killGraceMs } = {}) => ask(id, "pty.kill", { id, grace_ms: graceMs }),
    close: (id, { graceMs = killGraceMs } = {}) => Effect.asVoid(ask(id, "pty.close", { id, grace_ms: graceMs })),
    info: (id) => ask(id, "pty.info", { id }),
    list: Effect.map(ask("", "pty.list", {}), ({ terminals }) => terminals),
    exits
  }
}

const failureOf = ({ failure }: Refused, id: string): TerminalFailure =>
  new TerminalFailure({ id, reason: failure.code, detail: failure.message })

const bytesOf = (data: string | Uint8Array): Uint8Array => (typeof data === "string" ? Buffer.from(data) : data)

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")

const outputOf = (item: Item): TerminalOutput => {
  switch (item.kind) {
    case "chunk":
      return { kind: "output", offset: item.offset, data: textOf(item.data) }
    case "screen":
      return { kind: "resync", offset: item.offset, screen: textOf(item.screen), cols: item.cols, rows: item.rows }
    case "resized":
      return item
    case "exited":
      return { kind: "exit", ...item.exit }
  }
}
