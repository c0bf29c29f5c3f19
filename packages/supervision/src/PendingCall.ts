/**
 * A caller that waits. It is answered once: by the actor, by the end of the actor's incarnation, or by its deadline.
 */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type ActorDead, CallTimeout, type Reply } from "./ActorRef.ts"
import { type Chain, Link } from "./Chain.ts"
import type { Timed } from "./Deadlines.ts"
import type { Runtime } from "./Runtime.ts"

/** The calls that an incarnation owes an answer. */
export type Debts = Chain<{ abandon(error: ActorDead): void }>

export class PendingCall<A, E> implements Reply<A, E>, Timed {
  readonly path: string
  answer: Exit.Exit<A, E | ActorDead | CallTimeout> | undefined = undefined
  deadline = Number.POSITIVE_INFINITY
  private timeoutMs = 0
  private resume: ((answer: Exit.Exit<A, E | ActorDead | CallTimeout>) => void) | undefined = undefined
  private lane: Link<Timed> | undefined = undefined
  private debt: { remove(): void } | undefined = undefined

  constructor(path: string) {
    this.path = path
  }

  succeed(value: A): void {
    this.settle(Exit.succeed(value))
  }

  fail(error: E): void {
    this.settle(Exit.fail(error))
  }

  abandon(error: ActorDead): void {
    this.settle(Exit.fail(error))
  }

  expire(): void {
    this.settle(Exit.fail(new CallTimeout({ path: this.path, timeoutMs: this.timeoutMs })))
  }

  /** From here on somebody stands waiting; before, an answer is simply read. */
  wait(runtime: Runtime, debts: Debts, timeoutMs: number): Effect.Effect<A, E | ActorDead | CallTimeout> {
    return Effect.callback((resume) => {
      this.resume = (answer) => runtime.runQueue.answer(() => resume(answer))
      this.timeoutMs = timeoutMs
      this.debt = Link.append(debts, this)
      if (Number.isFinite(timeoutMs)) {
        this.deadline = runtime.now() + timeoutMs
        this.lane = runtime.deadlines.add(timeoutMs, this)
      }
      return Effect.sync(() => this.leave())
    })
  }

  private settle(answer: Exit.Exit<A, E | ActorDead | CallTimeout>): void {
    if (this.answer !== undefined) return
    this.answer = answer
    this.leave()
    this.resume?.(answer)
  }

  private leave(): void {
    this.lane?.remove()
    this.debt?.remove()
  }
}
