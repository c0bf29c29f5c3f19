/**
 * A supervisor whose children are known beforehand.
 *
 * Law: children start in their order and end in the reverse order, one after another. A crash is answered by the
 * strategy; one crash too many within the period, and the supervisor ends its children and crashes itself, so that its
 * own supervisor decides.
 *
 *   one_for_one    the crashed child alone; children recover side by side
 *   one_for_all    all children
 *   rest_for_one   the crashed child and those that started after it
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import type { Place } from "./Definition.ts"
import { Intensity, type Limits } from "./Intensity.ts"
import { crashed, type Ending, type Node, type Overseer, shutdown, startFailed, type Up, words } from "./Node.ts"
import type { SupervisionEvent } from "./SupervisionEvent.ts"
import { type ActorInfo, type ActorState, GaveUp } from "./Tree.ts"

export type Strategy = "one_for_one" | "one_for_all" | "rest_for_one"
export type Restart = "permanent" | "transient" | "temporary"

interface StaticSpec {
  readonly strategy: Strategy
  readonly limits: Limits
}

interface Child {
  readonly node: Node
  readonly restart: Restart
  /** A temporary child that ended is not started again with its siblings. */
  dropped: boolean
}

/** Whether an end that nobody asked for is answered by a restart. */
export const isRestarted = (restart: Restart, ending: Ending): boolean =>
  restart === "permanent" || (restart === "transient" && ending._tag === "crashed")

export class StaticSupervisor implements Node, Overseer {
  readonly kind = "supervisor"
  state: ActorState = "stopped"
  restarts = 0
  private readonly place: Place
  private readonly spec: StaticSpec
  private readonly children: Array<Child> = []
  private intensity = new Intensity()
  private bornAt = 0
  private alive = false
  private ending: Ending | undefined = undefined
  private up: Up | undefined = undefined
  private gone: Array<() => void> | undefined = undefined
  /** The first start, and recoveries under way. */
  private readonly work = new Set<Fiber.Fiber<unknown, unknown>>()
  /** Ends that came while the first start was under way: answered after it. */
  private early: Array<readonly [Child, Ending]> = []
  /** For one_for_all and rest_for_one: the first child of those that must be restarted together. */
  private groupFrom = Number.POSITIVE_INFINITY
  private groupDelay = 0
  private groupBusy = false

  constructor(spec: StaticSpec, place: Place) {
    this.spec = spec
    this.place = place
  }

  get path(): string {
    return this.place.path
  }

  /** Only while the tree is built. */
  adopt(node: Node, restart: Restart): void {
    this.children.push({ node, restart, dropped: false })
  }

  begin(up: Up): void {
    this.alive = true
    this.ending = undefined
    this.state = "starting"
    this.bornAt = this.place.runtime.now()
    this.intensity = new Intensity()
    this.groupFrom = Number.POSITIVE_INFINITY
    this.groupBusy = false
    this.early = []
    this.up = up
    for (const child of this.children) child.dropped = false
    this.fork(this.startAll, (exit) => {
      if (!this.alive || this.ending !== undefined) return
      if (Exit.isFailure(exit)) return this.shut(crashed(exit.cause))
      this.state = "running"
      this.up = undefined
      up(Exit.void)
      const early = this.early
      this.early = []
      for (const [child, ending] of early) this.recover(child, ending)
    })
  }

  end(gone: () => void): void {
    if (!this.alive) {
      gone()
      return
    }
    this.gone ??= []
    this.gone.push(gone)
    if (this.gone.length > 1) return
    if (Number.isFinite(this.place.shutdownMs)) {
      const timer = this.place.runtime.after(this.place.shutdownMs, () => this.kill())
      this.gone.push(() => timer.interruptUnsafe())
    }
    this.shut(shutdown)
  }

  kill(): void {
    this.shut(shutdown)
    for (const child of this.children) child.node.kill()
  }

  crash(cause: Cause.Cause<unknown>): boolean {
    if (!this.alive || this.ending !== undefined) return false
    this.place.overseer.crashed(this, cause)
    this.shut(crashed(cause))
    return true
  }

  mark(state: "restarting" | "stopped" | "given_up"): void {
    if (!this.alive) this.state = state
  }

  info(): ActorInfo {
    return {
      path: this.path,
      parent: this.place.parent,
      kind: this.kind,
      state: this.state,
      restarts: this.restarts,
      mailbox: 0,
      ageMs: this.alive ? this.place.runtime.now() - this.bornAt : 0
    }
  }

  visit(see: (info: ActorInfo) => void): void {
    see(this.info())
    for (const child of this.children) child.node.visit(see)
  }

  crashed(node: Node, cause: Cause.Cause<unknown>): void {
    this.tell("child_crashed", node, cause)
  }

  ended(node: Node, ending: Ending): void {
    const child = this.children.find((candidate) => candidate.node === node)
    if (child === undefined || !this.alive || this.ending !== undefined) return
    if (ending._tag !== "crashed") this.tell("child_stopped", node)
    if (this.state === "starting") this.early.push([child, ending])
    else this.recover(child, ending)
  }

  private recover(child: Child, ending: Ending): void {
    if (!isRestarted(child.restart, ending)) {
      child.dropped = child.restart === "temporary"
      return
    }
    const cause = ending._tag === "crashed" ? ending.cause : Cause.die(new Error("a permanent child has ended"))
    const delay = this.intensity.hit(this.spec.limits, this.place.runtime.now())
    if (delay === undefined) {
      this.giveUp(child.node, cause)
      return
    }
    child.node.mark("restarting")
    if (this.spec.strategy === "one_for_one") {
      this.recoverOne(child, delay)
      return
    }
    const index = this.spec.strategy === "one_for_all" ? 0 : this.children.indexOf(child)
    this.groupFrom = Math.min(this.groupFrom, index)
    this.groupDelay = delay
    if (this.groupBusy) return
    this.groupBusy = true
    this.fork(this.recoverGroup, () => {})
  }

  private recoverOne(child: Child, delay: number): void {
    this.fork(Effect.andThen(Effect.sleep(delay), this.restart(child)), (exit) => {
      if (Exit.isSuccess(exit) || this.ending !== undefined) return
      this.tell("child_crashed", child.node, exit.cause)
      this.recover(child, crashed(exit.cause))
    })
  }

  /** Runs until no child of the group has crashed again meanwhile. */
  private readonly recoverGroup: Effect.Effect<void> = Effect.suspend(() => {
    const from = this.groupFrom
    if (from === Number.POSITIVE_INFINITY || this.ending !== undefined) {
      this.groupBusy = false
      return Effect.void
    }
    const group = this.children.slice(from)
    return Effect.gen({ self: this }, function* () {
      for (const child of group.toReversed()) yield* this.down(child)
      for (const child of group) {
        if (child.restart === "temporary") child.dropped = true
        if (!child.dropped) child.node.mark("restarting")
      }
      yield* Effect.sleep(this.groupDelay)
      // Another one crashed before the group was started again: it is the group of both.
      if (this.groupFrom < from) return yield* this.recoverGroup
      this.groupFrom = Number.POSITIVE_INFINITY
      for (const child of group) {
        if (child.dropped) continue
        const exit = yield* Effect.exit(this.restart(child))
        if (Exit.isFailure(exit)) {
          this.tell("child_crashed", child.node, exit.cause)
          this.recover(child, crashed(exit.cause))
        }
        if (this.groupFrom !== Number.POSITIVE_INFINITY) break
      }
      return yield* this.recoverGroup
    })
  })

  private readonly startAll: Effect.Effect<void, unknown> = Effect.suspend(() =>
    Effect.forEach(
      this.children,
      (child) =>
        this.begun(child).pipe(
          Effect.catchCause((cause) => Effect.fail(startFailed(child.node.path, cause))),
          Effect.map(() => this.tell("child_started", child.node))
        ),
      { discard: true }
    )
  )

  private restart(child: Child): Effect.Effect<void, unknown> {
    return Effect.map(this.begun(child), () => {
      child.node.restarts++
      this.tell("child_restarted", child.node)
    })
  }

  private begun(child: Child): Effect.Effect<void, unknown> {
    return Effect.callback((resume) => child.node.begin(resume))
  }

  private down(child: Child): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const lived = child.node.info().state
      child.node.end(() => {
        if (lived === "running" || lived === "stopping") this.tell("child_stopped", child.node)
        child.node.mark("stopped")
        resume(Effect.void)
      })
    })
  }

  private giveUp(node: Node, cause: Cause.Cause<unknown>): void {
    const reason = new GaveUp({
      path: this.path,
      cause: `${node.path} ${words(cause)}`,
      restarts: this.spec.limits.intensity
    })
    node.mark("given_up")
    this.place.runtime.emit({
      type: "gave_up",
      path: this.path,
      kind: this.kind,
      cause: reason.cause,
      restarts: reason.restarts,
      failure: cause
    })
    this.shut(crashed(Cause.fail(reason)))
  }

  private shut(ending: Ending): void {
    if (!this.alive || this.ending !== undefined) return
    this.ending = ending
    this.state = "stopping"
    const work = [...this.work]
    for (const fiber of work) fiber.interruptUnsafe()
    const children = this.children.toReversed()
    const closing = Effect.gen({ self: this }, function* () {
      for (const fiber of work) yield* Fiber.await(fiber)
      for (const child of children) yield* this.down(child)
    })
    this.place.runtime.fork(closing).addObserver(() => this.finish(ending))
  }

  private finish(ending: Ending): void {
    const { up, gone } = this
    this.alive = false
    this.state = ending._tag === "crashed" && up === undefined ? "given_up" : "stopped"
    this.up = undefined
    this.gone = undefined
    up?.(
      ending._tag === "crashed" ? Exit.failCause(ending.cause) : Exit.die(new Error("it was stopped while it started"))
    )
    for (const told of gone ?? []) told()
    if (up === undefined && gone === undefined) this.place.overseer.ended(this, ending)
  }

  private fork<A, E>(effect: Effect.Effect<A, E>, done: (exit: Exit.Exit<A, E>) => void): void {
    // It is among the work before its first step, so that an end that comes from within finds it.
    const tracked = Effect.withFiber((fiber) => {
      this.work.add(fiber)
      return effect
    })
    const fiber = this.place.runtime.fork(tracked)
    fiber.addObserver((exit) => {
      this.work.delete(fiber)
      done(exit)
    })
  }

  private tell(type: SupervisionEvent["type"], node: Node, cause?: Cause.Cause<unknown>): void {
    this.place.runtime.emit({
      type,
      path: node.path,
      kind: node.kind,
      cause: cause === undefined ? "" : words(cause),
      restarts: node.restarts,
      ...(cause === undefined ? {} : { failure: cause })
    })
  }
}
