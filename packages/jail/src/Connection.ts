/**
 * The one living jail, started by whoever needs it first.
 *
 *   idle ── first use ──▶ starting ──▶ live ── host ends, lies, or dies ──▶ idle (the loss is told)
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import * as path from "node:path"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as PubSub from "effect/PubSub"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { Channel, type TerminalExited } from "./Channel.ts"
import type { Driver, Transport } from "./drivers/Driver.ts"
import { type JailLost, JailUnavailable } from "./errors.ts"

/** The host's own grace is well below this. */
const stopGrace = "3 seconds"
/** Far above the terminals that a host may have: only one that lies fills it, and then the oldest are dropped. */
const maxUntoldExits = 4096

export interface Connection {
  /** The living jail; starts it. */
  readonly use: Effect.Effect<Channel, JailUnavailable | JailLost>
  /** Completes at the next loss of a living jail, with why. */
  readonly lost: Effect.Effect<JailLost>
  readonly terminalExits: PubSub.PubSub<TerminalExited>
  readonly pid: Effect.Effect<number | null>
  /** Ends the living jail; the next use starts another. */
  readonly stop: Effect.Effect<void>
}

interface Live {
  readonly channel: Channel
  readonly transport: Transport
}

export const makeConnection = (driver: Driver, runtimeDir: string): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const record = path.join(runtimeDir, "jail.json")
    const terminalExits = yield* Effect.acquireRelease(PubSub.sliding<TerminalExited>(maxUntoldExits), PubSub.shutdown)
    const starting = yield* Semaphore.make(1)
    let live: Live | undefined
    let loss = Deferred.makeUnsafe<JailLost>()

    const start = Effect.fnUntraced(function* () {
      yield* Effect.promise(() => endPredecessor(record))
      const transport = driver.start()
      const channel = new Channel(transport.socket, (event) => PubSub.publishUnsafe(terminalExits, event))
      const { workspace, pty, env, egress, mark } = driver.inside
      const ready = yield* Effect.exit(channel.request("start", { workspace, pty, env, egress, mark }))
      if (Exit.isFailure(ready)) {
        channel.close()
        transport.kill()
        const complaint = yield* Effect.promise(() => transport.ended)
        return yield* new JailUnavailable({
          driver: driver.name,
          reason: `The jail's host did not start: ${complaint}`
        })
      }
      const started = { channel, transport }
      live = started
      yield* Effect.sync(() => writeRecord(record, transport.pid, path.join(runtimeDir, "status.json")))
      yield* Effect.forkDetach(
        Effect.flatMap(channel.lost, (error) =>
          Effect.sync(() => {
            if (live !== started) return
            live = undefined
            const told = loss
            loss = Deferred.makeUnsafe()
            Deferred.doneUnsafe(told, Effect.succeed(error))
            // What lied, or no longer listens, doesn't get to linger.
            setTimeout(() => transport.kill(), 2000).unref()
          })
        )
      )
      return channel
    })

    const use: Connection["use"] = Effect.suspend(() =>
      live?.channel.isOpen === true
        ? Effect.succeed(live.channel)
        : starting.withPermit(
            Effect.suspend(() => (live?.channel.isOpen === true ? Effect.succeed(live.channel) : start()))
          )
    )

    const stop = Effect.suspend(() => {
      const current = live
      if (current === undefined) return Effect.void
      live = undefined
      current.channel.close()
      return Effect.promise(() => current.transport.ended).pipe(
        Effect.timeoutOption(stopGrace),
        Effect.flatMap(() => Effect.sync(() => current.transport.kill())),
        Effect.andThen(Effect.promise(() => current.transport.ended)),
        Effect.andThen(Effect.sync(() => rmSync(record, { force: true })))
      )
    })
    yield* Effect.addFinalizer(() => starting.withPermit(stop))

    return {
      use,
      lost: Effect.suspend(() => Deferred.await(loss)),
      terminalExits,
      pid: Effect.sync(() => live?.transport.pid ?? null),
      stop
    }
  })

const Member = Schema.Struct({ pid: Schema.Int, started: Schema.String })
const Record = Schema.fromJsonString(Schema.Struct({ members: Schema.Array(Member) }))

/** Who must be gone before another jail may start, told apart from a later process with the same number. */
const writeRecord = (file: string, pid: number, statusFile: string): void => {
  const child = /"child-pid":\s*(\d+)/.exec(readIfThere(statusFile))?.[1]
  const pids = child === undefined ? [pid] : [pid, Number(child)]
  const members = pids.flatMap((each) => {
    const started = startedAt(each)
    return started === undefined ? [] : [{ pid: each, started }]
  })
  writeFileSync(file, JSON.stringify({ members }), { mode: 0o600 })
}

/** A server that was killed leaves a jail that is about to end; it has ended when this returns. */
const endPredecessor = async (file: string): Promise<void> => {
  const record = Schema.decodeUnknownExit(Record)(readIfThere(file))
  if (Exit.isFailure(record)) return
  for (let tries = 0; tries < 200; tries++) {
    const left = record.value.members.filter(({ pid, started }) => startedAt(pid) === started)
    if (left.length === 0) return
    // It was given the time that an orderly end takes.
    if (tries > 40) for (const { pid } of left) killQuietly(pid)
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

const startedAt = (pid: number): string | undefined => {
  const stat = readIfThere(`/proc/${pid}/stat`)
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return fields[0] === "Z" ? undefined : fields[19]
}

const killQuietly = (pid: number): void => {
  try {
    process.kill(pid, "SIGKILL")
  } catch {
    // It went by itself.
  }
}

const readIfThere = (file: string): string => {
  try {
    return existsSync(file) ? readFileSync(file, "utf8") : ""
  } catch {
    return ""
  }
}
