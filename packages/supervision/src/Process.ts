/**
 * The life of an actor or a worker: one incarnation after another, each with a scope of its own.
 *
 * Law: nothing of an incarnation outlives it. Its fibers are interrupted and its finalizers run before anyone hears that
 * it is gone; only a finalizer that is still busy when the grace is over is left behind, and counted.
 */
import type * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import type { Down } from "./ActorRef.ts"
import type { Place } from "./Definition.ts"
import { crashed, type Ending, type Node, shutdown, type Up, words } from "./Node.ts"
import type { ActorInfo, ActorState } from "./Tree.ts"

class StoppedWhileStarting extends Error {
  override readonly name = "StoppedWhileStarting"
  override readonly message = "it was stopped while it started"
}

export abstract class Process implements Node {
  abstract readonly kind: string
  state: ActorState = "stopped"
  restarts = 0
  incarnation = 0
  protected readonly place: Place
  /** There while an incarnation lives. */
  protected scope: Scope.Closeable | undefined = undefined
  /** There from the moment its end is decided. */
  protected ending: Ending | undefined = undefined
  /** What runs on its behalf now: its start, the handler of the current message, or its work. */
  protected fiber: Fiber.Fiber<unknown, unknown> | undefined = undefined
  private bornAt = 0
  private up: Up | undefined = undefined
  private gone: Array<() => void> | undefined = undefined
  private graceTimer: Fiber.Fiber<void> | undefined = undefined
  private monitors: Set<Deferred.Deferred<Down>> | undefined = undefined

  constructor(place: Place) {
    this.place = place
  }

  get path(): string {
    return this.place.path
  }

  /** Begins to run in `scope`; sooner or later calls `isUp`, or `terminate`. */
  protected abstract launch(scope: Scope.Closeable): void
  /** The end is decided: nothing more is taken, those who wait are told. */
  protected abstract close(reason: string): void
  /** Was asked to end: calls `terminate` when it has done what it still owes. */
  protected abstract drain(): void
  protected abstract mailboxDepth(): number

  begin(up: Up): void {
    const scope = Scope.makeUnsafe()
    this.incarnation = this.place.runtime.nextIncarnation()
    this.bornAt = this.place.runtime.now()
    this.scope = scope
    this.ending = undefined
    this.state = "starting"
    this.up = up
    this.launch(scope)
  }

  end(gone: () => void): void {
    if (this.scope === undefined) {
      gone()
      return
    }
    this.gone ??= []
    this.gone.push(gone)
    if (this.gone.length > 1 || this.ending !== undefined) return
    const starting = this.state === "starting"
    this.state = "stopping"
    if (starting || this.place.shutdownMs <= 0) {
      this.terminate(shutdown)
      return
    }
    this.graceTimer = this.afterGrace(() => this.terminate(shutdown))
    this.drain()
  }

  kill(): void {
    this.terminate(shutdown)
  }

  crash(cause: Cause.Cause<unknown>): boolean {
    if (this.scope === undefined || this.ending !== undefined) return false
    this.terminate(crashed(cause))
    return true
  }

  mark(state: "restarting" | "stopped" | "given_up"): void {
    if (this.scope === undefined) this.state = state
  }

  info(): ActorInfo {
    return {
      path: this.path,
      parent: this.place.parent,
      kind: this.kind,
      state: this.state,
      restarts: this.restarts,
      mailbox: this.mailboxDepth(),
      ageMs: this.scope === undefined ? 0 : this.place.runtime.now() - this.bornAt
    }
  }

  visit(see: (info: ActorInfo) => void): void {
    see(this.info())
  }

  get monitor(): Effect.Effect<Effect.Effect<Down>, never, Scope.Scope> {
    return Effect.map(
      Effect.acquireRelease(
        Effect.sync(() => {
          const down = Deferred.makeUnsafe<Down>()
          if (this.scope === undefined) {
            Deferred.doneUnsafe(down, Exit.succeed(this.downAs("not_running", "")))
          } else {
            this.monitors ??= new Set()
            this.monitors.add(down)
          }
          return down
        }),
        (down) => Effect.sync(() => this.monitors?.delete(down))
      ),
      Deferred.await
    )
  }

  protected get alive(): boolean {
    return this.scope !== undefined && this.ending === undefined
  }

  protected isUp(): void {
    if (!this.alive || this.state !== "starting") return
    this.state = "running"
    const up = this.up
    this.up = undefined
    up?.(Exit.void)
  }

  /** Decides the end of the incarnation that lives, once. */
  protected terminate(ending: Ending): void {
    const scope = this.scope
    if (scope === undefined || this.ending !== undefined) return
    this.ending = ending
    this.state = "stopping"
    this.graceTimer?.interruptUnsafe()
    this.graceTimer = undefined
    this.close(ending._tag === "crashed" ? `crashed: ${words(ending.cause)}` : "it has ended")
    if (ending._tag === "crashed" && this.up === undefined) this.place.overseer.crashed(this, ending.cause)

    const incarnation = this.incarnation
    const exit = ending._tag === "crashed" ? Exit.failCause(ending.cause) : Exit.void
    const fiber = this.fiber
    fiber?.interruptUnsafe()
    const closing = Effect.andThen(fiber === undefined ? Effect.void : Fiber.await(fiber), Scope.close(scope, exit))
    // A finalizer that dies has done what it could; the end of the incarnation stands all the same.
    this.place.runtime.fork(closing).addObserver(() => this.finish(incarnation))
    if (this.scope === scope) {
      this.graceTimer = this.afterGrace(() => {
        this.place.runtime.abandoned++
        this.finish(incarnation)
      })
    }
  }

  private finish(incarnation: number): void {
    const ending = this.ending
    if (this.scope === undefined || ending === undefined || incarnation !== this.incarnation) return
    this.scope = undefined
    this.fiber = undefined
    this.graceTimer?.interruptUnsafe()
    this.graceTimer = undefined
    this.state = "stopped"
    const { up, gone, monitors } = this
    this.up = undefined
    this.gone = undefined
    this.monitors = undefined
    if (monitors !== undefined) {
      const down = this.downAs(ending._tag, ending._tag === "crashed" ? words(ending.cause) : "")
      for (const monitor of monitors) Deferred.doneUnsafe(monitor, Exit.succeed(down))
    }
    up?.(ending._tag === "crashed" ? Exit.failCause(ending.cause) : Exit.die(new StoppedWhileStarting()))
    for (const told of gone ?? []) told()
    if (up === undefined && gone === undefined) this.place.overseer.ended(this, ending)
  }

  private downAs(reason: Down["reason"], cause: string): Down {
    return { path: this.path, incarnation: this.incarnation, reason, cause }
  }

  private afterGrace(act: () => void): Fiber.Fiber<void> | undefined {
    const grace = this.place.shutdownMs
    return Number.isFinite(grace) ? this.place.runtime.after(grace, act) : undefined
  }
}
