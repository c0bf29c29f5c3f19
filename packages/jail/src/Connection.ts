/**
 * The one living jail, started by whoever needs it first.
 *
 *   idle ── first use ──▶ starting ──▶ live ── host ends, lies, or dies ──▶ idle (the loss is told)
 */
import { randomBytes } from "node:crypto"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as PubSub from "effect/PubSub"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { Channel, type TerminalExited } from "./Channel.ts"
import type { Driver, Transport } from "./drivers/Driver.ts"
import { type JailLost, JailUnavailable } from "./errors.ts"
import { endPredecessor, forgetJail, killMarked, markName, recordJail } from "./predecessor.ts"

/** The host's own grace is well below this. */
const stopGrace = "3 seconds"
const startLimit = "10 seconds"
/** What the host itself takes to end what it started. */
const lossGraceMs = 1000
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
  readonly mark: string | null
}

export const makeConnection = (driver: Driver, runtimeDir: string): Effect.Effect<Connection, never, Scope.Scope> =>
  Effect.gen(function* () {
    const terminalExits = yield* Effect.acquireRelease(PubSub.sliding<TerminalExited>(maxUntoldExits), PubSub.shutdown)
    const starting = yield* Semaphore.make(1)
    let live: Live | undefined
    let loss = Deferred.makeUnsafe<JailLost>()

    const start = Effect.fnUntraced(function* () {
      yield* endPredecessor(driver.name, runtimeDir)
      const transport = driver.start()
      const channel = new Channel(transport.socket, (event) => PubSub.publishUnsafe(terminalExits, event))
      const { workspace, pty, env, egress } = driver.inside
      const value = driver.confines ? null : randomBytes(12).toString("hex")
      const mark = value === null ? null : `${markName}=${value}`
      const marked = value === null ? env : { ...env, [markName]: value }
      const ready = yield* channel
        .request("start", { workspace, pty, env: marked, egress, mark })
        // Nothing around this can be interrupted; its time must still be able to end.
        .pipe(Effect.interruptible, Effect.timeout(startLimit), Effect.exit)
      if (Exit.isFailure(ready)) {
        channel.close()
        transport.kill()
        const complaint = yield* Effect.promise(() => transport.ended)
        return yield* new JailUnavailable({
          driver: driver.name,
          reason: `The jail's host did not start: ${complaint}`
        })
      }
      const started = { channel, transport, mark }
      live = started
      yield* Effect.sync(() => recordJail(runtimeDir, transport.pid, mark))
      yield* Effect.forkDetach(
        Effect.flatMap(channel.lost, (error) =>
          Effect.sync(() => {
            if (live !== started) return
            live = undefined
            const told = loss
            loss = Deferred.makeUnsafe()
            Deferred.doneUnsafe(told, Effect.succeed(error))
            // What lied, or no longer listens, doesn't get to linger.
            setTimeout(() => {
              transport.kill()
              killMarked(mark)
            }, lossGraceMs).unref()
          })
        )
      )
      return channel
    })

    const use: Connection["use"] = Effect.suspend(() =>
      live?.channel.isOpen === true
        ? Effect.succeed(live.channel)
        : starting.withPermit(
            // A caller that goes away in between leaves a jail for the next, not half of one.
            Effect.suspend(() =>
              live?.channel.isOpen === true ? Effect.succeed(live.channel) : Effect.uninterruptible(start())
            )
          )
    )

    const stop = Effect.suspend(() => {
      const current = live
      if (current === undefined) return Effect.void
      live = undefined
      current.channel.close()
      return Effect.promise(() => current.transport.ended).pipe(
        Effect.interruptible,
        Effect.timeoutOption(stopGrace),
        Effect.flatMap(() => Effect.sync(() => current.transport.kill())),
        Effect.andThen(Effect.promise(() => current.transport.ended)),
        Effect.andThen(
          Effect.sync(() => {
            killMarked(current.mark)
            forgetJail(runtimeDir)
          })
        )
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
