/**
 * Commands in the jail, each a process group of its own, on pipes, without standard input.
 *
 *   running ── leader exits ──▶ exited ── nobody holds a pipe any more ──▶ closed
 */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Channel, Exited, Item } from "./Channel.ts"
import { type JailLost, type JailUnavailable, SpawnFailure } from "./errors.ts"

export type ProcessOutput =
  | { readonly kind: "output"; readonly stream: "stdout" | "stderr"; readonly data: Uint8Array }
  /** In its place among the output: what came before was written before the end. */
  | { readonly kind: "exit"; readonly code: number | null; readonly signal: string | null }

export interface Process {
  readonly id: string
  /** Inside the jail. */
  readonly pid: number
  /** For one reader. A reader that doesn't read has the program wait; goes on after the exit until `closed`. */
  readonly output: Stream.Stream<ProcessOutput, JailLost>
  /** The leader's end, which is not the end of its output. */
  readonly exit: Effect.Effect<Exited, JailLost>
  /** Nobody holds the pipes any more. */
  readonly closed: Effect.Effect<void, JailLost>
  /** The whole group: with a signal that alone; without one SIGTERM, then SIGKILL after `graceMs` (default 2,000). */
  readonly kill: (signal?: string, options?: { readonly graceMs?: number }) => Effect.Effect<void>
  /** Whether anyone of the group lives. */
  readonly groupAlive: Effect.Effect<boolean>
  /** Reads no further: what it prints from here on is dropped, and never holds it up. */
  readonly discard: Effect.Effect<void>
}

export interface SpawnOptions {
  readonly argv: ReadonlyArray<string>
  /** Default: the workspace. */
  readonly cwd?: string
  /** Over the jail's own environment. */
  readonly env?: Readonly<Record<string, string>>
}

export type Spawn = (options: SpawnOptions) => Effect.Effect<Process, SpawnFailure | JailLost | JailUnavailable>

export const makeSpawn =
  (use: Effect.Effect<Channel, JailUnavailable | JailLost>, workspace: string): Spawn =>
  ({ argv, cwd = workspace, env = {} }) =>
    Effect.flatMap(use, (channel) => {
      const flow = channel.flow()
      const kill: Process["kill"] = (signal, { graceMs = 2000 } = {}) =>
        channel
          .request("process.kill", { channel: flow.channel, signal: signal ?? null, grace_ms: graceMs })
          .pipe(Effect.ignore)
      return channel.request("process.spawn", { channel: flow.channel, argv: [...argv], cwd, env }).pipe(
        Effect.onError(() => flow.release),
        Effect.catchTag("Refused", ({ failure }) =>
          Effect.fail(new SpawnFailure({ command: argv[0] ?? "", detail: failure.message }))
        ),
        // A caller that is interrupted while it starts has nobody left to stop it.
        Effect.onInterrupt(() => kill("SIGKILL")),
        Effect.map(({ value }) => ({
          id: `process-${flow.channel}`,
          pid: value.pid,
          output: Stream.flatMap(flow.items, (item) => Stream.fromIterable(outputOf(item))),
          exit: flow.exited,
          closed: flow.closed,
          kill,
          groupAlive: channel.request("process.alive", { channel: flow.channel }).pipe(
            Effect.map((reply) => reply.value.alive),
            Effect.orElseSucceed(() => false)
          ),
          discard: flow.release
        }))
      )
    })

const outputOf = (item: Item): ReadonlyArray<ProcessOutput> => {
  if (item.kind === "exited") return [{ kind: "exit", ...item.exit }]
  return item.kind === "chunk" && item.source !== "pty"
    ? [{ kind: "output", stream: item.source, data: item.data }]
    : []
}
