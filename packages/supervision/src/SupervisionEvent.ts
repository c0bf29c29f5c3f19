/**
 * What supervisors tell: crashes, restarts, and who was given up.
 *
 * Law: telling never holds the tree up. Events wait in a bounded ring, in order, while the listener is slow or down;
 * when it is full the oldest goes and is counted.
 *
 * Static children tell every start and stop; of dynamic children (there may be thousands) only crash, restart and
 * gave_up are events, their starts and stops are counters in the snapshot.
 */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Timers } from "./Deadlines.ts"

export interface SupervisionEvent {
  readonly type: "child_started" | "child_crashed" | "child_restarted" | "child_stopped" | "gave_up"
  readonly path: string
  readonly kind: string
  /** Why, in words; empty where there is nothing to say. */
  readonly cause: string
  readonly restarts: number
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The whole cause with its stack, for a server's own log. Never for a client. */
  readonly failure?: Cause.Cause<unknown>
}

/** May fail, which means "not now": the event is kept and told again after a pause. */
export type EventListener = (event: SupervisionEvent) => Effect.Effect<void, unknown> | void

const firstPauseMs = 100
const longestPauseMs = 10_000

export class EventRing {
  dropped = 0
  private readonly listener: EventListener
  private readonly capacity: number
  private readonly fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>
  private readonly waiting: Array<SupervisionEvent> = []
  private teller: Fiber.Fiber<void> | undefined = undefined
  private closed = false

  constructor(listener: EventListener, capacity: number, fork: (effect: Effect.Effect<void>) => Fiber.Fiber<void>) {
    this.listener = listener
    this.capacity = capacity
    this.fork = fork
  }

  push(event: SupervisionEvent): void {
    if (this.closed) return
    if (this.waiting.length >= this.capacity) {
      this.waiting.shift()
      this.dropped++
    }
    this.waiting.push(event)
    if (this.teller !== undefined) return
    const teller = this.fork(Effect.andThen(Effect.yieldNow, this.tellAll))
    this.teller = teller
    teller.addObserver(() => {
      if (this.teller === teller) this.teller = undefined
    })
  }

  /** Tells what is left for as long as `flushMs`, then lets go. */
  close(timers: Timers, flushMs: number): Effect.Effect<void> {
    return Effect.callback((resume) => {
      this.closed = true
      this.teller?.interruptUnsafe()
      const last = this.fork(this.tellAll)
      const timer = timers.after(flushMs, () => last.interruptUnsafe())
      last.addObserver(() => {
        timer.interruptUnsafe()
        resume(Effect.void)
      })
    })
  }

  private readonly tellAll: Effect.Effect<void> = Effect.suspend(() => this.tellNext(firstPauseMs))

  private tellNext(pauseMs: number): Effect.Effect<void> {
    const event = this.waiting[0]
    if (event === undefined) return Effect.void
    return Effect.flatMap(Effect.exit(this.tell(event)), (exit) => {
      if (Exit.isFailure(exit)) {
        if (Cause.hasInterruptsOnly(exit.cause)) return Effect.void
        return Effect.andThen(Effect.sleep(pauseMs), () => this.tellNext(Math.min(longestPauseMs, pauseMs * 2)))
      }
      // While it was told the ring may have dropped it.
      if (this.waiting[0] === event) this.waiting.shift()
      return this.tellNext(firstPauseMs)
    })
  }

  private tell(event: SupervisionEvent): Effect.Effect<void, unknown> {
    return Effect.suspend(() => {
      const told = this.listener(event)
      return Effect.isEffect(told) ? told : Effect.void
    })
  }
}
