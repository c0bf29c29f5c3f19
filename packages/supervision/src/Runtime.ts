/**
 * What all parts of one tree share: the clock, the run queue, the sweep of deadlines, the ring of events, and who is
 * where.
 */
import type * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import type * as Scheduler from "effect/Scheduler"
import { Deadlines, type Timers } from "./Deadlines.ts"
import type { Node } from "./Node.ts"
import { RunQueue } from "./RunQueue.ts"
import { type EventListener, EventRing, type SupervisionEvent } from "./SupervisionEvent.ts"

interface RuntimeOptions {
  readonly context: Context.Context<never>
  readonly clock: Clock.Clock
  readonly scheduler: Scheduler.Scheduler
  readonly onEvent: EventListener
  readonly ringCapacity: number
}

/** Finds the nodes of a dynamic supervisor by the last part of their path. */
export interface Located {
  readonly locate: (segment: string) => Node | undefined
}

export class Runtime implements Timers {
  readonly runQueue: RunQueue
  readonly deadlines: Deadlines
  readonly ring: EventRing
  /** All static nodes by path; `dynamics` finds the others. */
  readonly nodes = new Map<string, Node>()
  readonly dynamics = new Map<string, Located>()
  abandoned = 0
  private readonly clock: Clock.Clock
  private readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  private incarnations = 0

  constructor(options: RuntimeOptions) {
    this.clock = options.clock
    this.run = Effect.runForkWith(options.context)
    this.runQueue = new RunQueue(options.scheduler.makeDispatcher())
    this.deadlines = new Deadlines(this)
    this.ring = new EventRing(options.onEvent, options.ringCapacity, (effect) => this.run(effect))
  }

  /** Grows over the whole tree, so that a later incarnation of anything has a greater number than an earlier one. */
  nextIncarnation(): number {
    return ++this.incarnations
  }

  now(): number {
    return Number(this.clock.monotonicTimeNanosUnsafe()) / 1e6
  }

  fork<A, E>(effect: Effect.Effect<A, E>): Fiber.Fiber<A, E> {
    return this.run(effect)
  }

  after(milliseconds: number, act: () => void): Fiber.Fiber<void> {
    return this.run(Effect.andThen(this.clock.sleep(Duration.millis(milliseconds)), Effect.sync(act)))
  }

  emit(event: Omit<SupervisionEvent, "at">): void {
    this.ring.push({ ...event, at: this.clock.currentTimeMillisUnsafe() })
  }

  enroll(node: Node): void {
    if (this.nodes.has(node.path)) throw new Error(`Two children of the tree have the path ${node.path}`)
    this.nodes.set(node.path, node)
  }

  locate(path: string): Node | undefined {
    const node = this.nodes.get(path)
    if (node !== undefined) return node
    const slash = path.lastIndexOf("/")
    return this.dynamics.get(path.slice(0, slash))?.locate(path.slice(slash + 1))
  }
}
