/**
 * An actor at work: its mailbox, and the turns in which its messages are handled one after another.
 *
 * Law: one message at a time, in the order they came. Between messages an actor is data: no fiber, no timer.
 *
 * A handler that returns nothing is done when it returns. One that returns an effect gets a fiber, and the actor is busy
 * until that ends. Whatever it throws, fails with or dies of ends this incarnation and touches no other actor.
 */
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { ActorDead, type ActorRef, type CallTimeout, MailboxFull, type Reply, SelfCall } from "./ActorRef.ts"
import { Chain } from "./Chain.ts"
import type { Site } from "./Definition.ts"
import { millis } from "./Intensity.ts"
import { crashed, normal, shutdown } from "./Node.ts"
import { type Debts, PendingCall } from "./PendingCall.ts"
import { Process } from "./Process.ts"
import { type Runnable, turnBudget } from "./RunQueue.ts"
import type { Tree } from "./Tree.ts"

/** Returning an effect makes the actor busy until it ends; returning anything else is the fast path. */
export type Handler<in M> = (message: M) => Effect.Effect<void> | void

/** An incarnation, seen from inside. */
export interface Self<in M> {
  readonly ref: ActorRef<M>
  readonly path: string
  /** Greater than that of any earlier incarnation in this tree: a fencing token within one process. */
  readonly incarnation: number
  /** Closes when this incarnation ends. A fiber forked in it is interrupted then; its failure is its own. */
  readonly scope: Scope.Scope
  /** Forks a fiber in `scope` that is linked: its failure crashes this incarnation. */
  readonly fork: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<Fiber.Fiber<A, E>, never, R>
  /** Ends normally after the current message, or now when there is none; mail that waits is lost. */
  readonly stop: Effect.Effect<void>
}

export interface ActorSpec<in out M, out E, out R> {
  readonly kind: string
  /** Capacity, 1,024 by default. */
  readonly mailbox?: number
  /**
   * Makes an incarnation ready (from the log: a restart is a replay) and returns its handler. Mail that comes meanwhile
   * waits. The scope is the incarnation's.
   */
  readonly start: (self: Self<M>) => Effect.Effect<Handler<M>, E, R | Scope.Scope | Tree>
}

interface Letter<M> {
  readonly message: M
  next: Letter<M> | undefined
}

const defaultCapacity = 1024

export class ActorProcess<M, E, R> extends Process implements Runnable, ActorRef<M> {
  private readonly spec: ActorSpec<M, E, R>
  private readonly context: Context.Context<R | Scope.Scope | Tree>
  private handler: Handler<M> | undefined = undefined
  private head: Letter<M> | undefined = undefined
  private tail: Letter<M> | undefined = undefined
  private depth = 0
  private debts: Debts | undefined = undefined
  private lastEnd = "it has not been started"
  private enqueued = false
  /** A synchronous part of a turn is on the JavaScript stack. */
  private inTurn = false
  private draining = false
  private stopAsked = false

  constructor(spec: ActorSpec<M, E, R>, site: Site<R>) {
    super(site)
    this.spec = spec
    this.context = site.context
  }

  get kind(): string {
    return this.spec.kind
  }

  readonly cast = (message: M): Effect.Effect<void, ActorDead | MailboxFull> =>
    Effect.suspend(() => {
      const refusal = this.accept(message)
      return refusal === undefined ? Effect.void : Effect.fail(refusal)
    })

  readonly call = <A, F = never>(
    make: (reply: Reply<A, F>) => M,
    options: { readonly timeout: Duration.Input }
  ): Effect.Effect<A, F | ActorDead | MailboxFull | CallTimeout | SelfCall> =>
    Effect.withFiber((caller): Effect.Effect<A, F | ActorDead | MailboxFull | CallTimeout | SelfCall> => {
      if (caller === this.fiber) return Effect.fail(new SelfCall({ path: this.path }))
      const pending = new PendingCall<A, F>(this.path)
      const message = make(pending)
      const incarnation = this.incarnation
      if (this.mayHandleNow()) {
        this.handleNow(message)
        if (pending.answer !== undefined) return pending.answer
        if (!this.alive || this.incarnation !== incarnation) return Effect.fail(this.dead())
      } else {
        const refusal = this.accept(message)
        if (refusal !== undefined) return Effect.fail(refusal)
        if (pending.answer !== undefined) return pending.answer
      }
      this.debts ??= new Chain()
      return pending.wait(this.place.runtime, this.debts, millis(options.timeout))
    })

  runTurn(budget: number): number {
    this.enqueued = false
    if (this.inTurn) return 0
    const runQueue = this.place.runtime.runQueue
    this.inTurn = true
    runQueue.enter()
    let handled = 0
    while (handled < budget && this.isReady()) {
      const letter = this.head
      if (letter === undefined) break
      this.head = letter.next
      if (letter.next === undefined) this.tail = undefined
      this.depth--
      handled++
      this.handle(letter.message)
    }
    runQueue.leave()
    this.inTurn = false
    this.enqueueWhenReady()
    return handled
  }

  fail(incarnation: number, cause: Cause.Cause<unknown>): void {
    if (incarnation === this.incarnation) this.terminate(crashed(cause))
  }

  askStop(incarnation: number): void {
    if (incarnation !== this.incarnation || !this.alive) return
    this.stopAsked = true
    if (this.fiber === undefined && !this.inTurn) this.terminate(normal)
  }

  protected launch(scope: Scope.Closeable): void {
    const context = Context.add(this.context, Scope.Scope, scope)
    const self = new LiveSelf(this, this.incarnation, scope)
    this.occupy(
      Effect.runForkWith(context)(
        Effect.withFiber((fiber) => {
          this.fiber = fiber
          return this.spec.start(self)
        })
      ),
      (exit) => {
        if (Exit.isFailure(exit)) return this.terminate(crashed(exit.cause))
        this.handler = exit.value
        this.isUp()
        this.afterMessage()
        this.enqueueWhenReady()
      }
    )
  }

  protected close(reason: string): void {
    this.lastEnd = reason
    this.handler = undefined
    this.head = undefined
    this.tail = undefined
    this.depth = 0
    this.draining = false
    this.stopAsked = false
    const debts = this.debts
    this.debts = undefined
    while (debts?.first !== undefined) {
      const debt = debts.first
      debt.remove()
      debt.value.abandon(this.dead())
    }
  }

  /** Asked to end: the mail that is here already is handled first, like a stop that is a message itself. */
  protected drain(): void {
    this.draining = true
    if (this.fiber === undefined && !this.inTurn && this.depth === 0) this.terminate(shutdown)
  }

  protected mailboxDepth(): number {
    return this.depth
  }

  private accept(message: M): ActorDead | MailboxFull | undefined {
    if (!this.alive || this.draining) return this.dead()
    const capacity = this.spec.mailbox ?? defaultCapacity
    if (this.depth >= capacity) {
      // Full means busy. An actor that merely waits for its turn gets one, so that a fast sender needs no yield.
      if (this.isReady() && !this.inTurn && !this.place.runtime.runQueue.isHandling) this.runTurn(turnBudget)
      if (!this.alive || this.draining) return this.dead()
      if (this.depth >= capacity) return new MailboxFull({ path: this.path, capacity })
    }
    const letter: Letter<M> = { message, next: undefined }
    if (this.tail === undefined) this.head = letter
    else this.tail.next = letter
    this.tail = letter
    this.depth++
    if (!this.inTurn) this.enqueueWhenReady()
    return undefined
  }

  /** No message runs, and one could. */
  private isReady(): boolean {
    return this.handler !== undefined && this.fiber === undefined
  }

  private mayHandleNow(): boolean {
    return this.isReady() && this.depth === 0 && !this.inTurn && !this.draining && this.place.runtime.runQueue.mayNest
  }

  /** A caller waits anyway and nobody is before it: its message is handled on its own stack, without a scheduler's hop. */
  private handleNow(message: M): void {
    const runQueue = this.place.runtime.runQueue
    this.inTurn = true
    runQueue.enter()
    this.handle(message)
    runQueue.leave()
    this.inTurn = false
    this.enqueueWhenReady()
  }

  private enqueueWhenReady(): void {
    if (this.enqueued || this.head === undefined || !this.isReady()) return
    this.enqueued = true
    this.place.runtime.runQueue.push(this)
  }

  private handle(message: M): void {
    const handler = this.handler
    if (handler === undefined) return
    let effect: Effect.Effect<void> | void
    try {
      effect = handler(message)
    } catch (defect) {
      this.terminate(crashed(Cause.die(defect)))
      return
    }
    if (effect === undefined || !Effect.isEffect(effect)) {
      this.afterMessage()
      return
    }
    const work = effect
    this.occupy(
      Effect.runForkWith(this.context)(
        Effect.withFiber((fiber) => {
          this.fiber = fiber
          return work
        })
      ),
      (exit) => {
        if (Exit.isFailure(exit)) return this.terminate(crashed(exit.cause))
        this.afterMessage()
        if (!this.inTurn) this.enqueueWhenReady()
      }
    )
  }

  /** The actor is busy until this fiber has ended. After an end was decided, the process itself waits for it. */
  private occupy<A, F>(fiber: Fiber.Fiber<A, F>, done: (exit: Exit.Exit<A, F>) => void): void {
    fiber.addObserver((exit) => {
      if (this.fiber !== fiber || this.ending !== undefined) return
      this.fiber = undefined
      done(exit)
    })
  }

  private afterMessage(): void {
    if (this.stopAsked) {
      this.terminate(normal)
      return
    }
    if (this.draining && this.depth === 0) this.terminate(shutdown)
  }

  private whyDead(): string {
    if (this.alive) return "it is stopping"
    if (this.state === "restarting") return `it is being restarted (${this.lastEnd})`
    if (this.state === "given_up") return `it was given up (${this.lastEnd})`
    return this.lastEnd
  }

  private dead(): ActorDead {
    return new ActorDead({ path: this.path, reason: this.whyDead() })
  }
}

class LiveSelf<M, E, R> implements Self<M> {
  readonly incarnation: number
  readonly scope: Scope.Scope
  readonly #process: ActorProcess<M, E, R>

  constructor(process: ActorProcess<M, E, R>, incarnation: number, scope: Scope.Scope) {
    this.#process = process
    this.incarnation = incarnation
    this.scope = scope
  }

  get ref(): ActorRef<M> {
    return this.#process
  }

  get path(): string {
    return this.#process.path
  }

  get stop(): Effect.Effect<void> {
    return Effect.sync(() => this.#process.askStop(this.incarnation))
  }

  readonly fork = <A, F, Q>(effect: Effect.Effect<A, F, Q>): Effect.Effect<Fiber.Fiber<A, F>, never, Q> =>
    Effect.map(Effect.forkIn(effect, this.scope), (fiber) => {
      fiber.addObserver((exit) => {
        if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause))
          this.#process.fail(this.incarnation, exit.cause)
      })
      return fiber
    })
}
