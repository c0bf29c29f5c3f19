/**
 * The running tree: how its parts are found, looked at, and stopped.
 *
 * Law: whatever lives in the tree is under a supervisor, has one path, and is gone when the scope of `start` has closed.
 *
 * `Tree` is also a service: every `start` and `run` inside the tree can ask for it (`yield* Tree`).
 */
import type * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { ActorRef } from "./ActorRef.ts"

/** A child could not start. `cause` says why, in words. */
export class StartFailed extends Schema.TaggedError<StartFailed>()("Supervision.StartFailed", {
  path: Schema.String,
  cause: Schema.String
}) {
  override get message(): string {
    return `${this.path} could not start: ${this.cause}`
  }
}

/** It crashed more often than its supervisor allows, and is not started again by itself. */
export class GaveUp extends Schema.TaggedError<GaveUp>()("Supervision.GaveUp", {
  path: Schema.String,
  cause: Schema.String,
  restarts: Schema.Number
}) {
  override get message(): string {
    return `Gave up on ${this.path} after ${this.restarts} restarts: ${this.cause}`
  }
}

export type ActorState = "starting" | "running" | "restarting" | "stopping" | "stopped" | "given_up"

/** Totals of a dynamic supervisor since the tree started; `live` is now. */
export interface DynamicCounters {
  readonly live: number
  readonly started: number
  readonly stopped: number
  readonly crashed: number
  readonly restarted: number
  readonly givenUp: number
}

export interface ActorInfo {
  readonly path: string
  readonly parent: string | undefined
  readonly kind: string
  readonly state: ActorState
  readonly restarts: number
  /** Messages that wait; 0 for what has no mailbox. */
  readonly mailbox: number
  /** Since this incarnation began; 0 when none lives. */
  readonly ageMs: number
  /** On dynamic supervisors alone. */
  readonly children?: DynamicCounters
}

/** What `tree.ref` takes: an actor's definition that stands in the tree as a static child. */
export interface Addressable<in M> {
  readonly refIn: (tree: object) => ActorRef<M> | undefined
}

export interface Children<in M> {
  readonly getOrStart: (key: string) => Effect.Effect<ActorRef<M>, StartFailed | GaveUp>
  readonly find: (key: string) => Option.Option<ActorRef<M>>
  readonly stopChild: (key: string) => Effect.Effect<void>
  readonly reset: (key: string) => Effect.Effect<void>
}

/** What `tree.getOrStart` and its like take: a dynamic supervisor's definition that stands in the tree. */
export interface DynamicAddressable<in M> {
  readonly childrenIn: (tree: object) => Children<M> | undefined
}

export interface Tree {
  /** Stable across restarts. A definition that does not stand in this tree is a defect. */
  readonly ref: <M>(definition: Addressable<M>) => ActorRef<M>
  /**
   * The child with this key, running; started once however many ask at once. Waits while it starts or is restarted.
   * The start belongs to the tree: it goes on when the one who asked is interrupted.
   */
  readonly getOrStart: <M>(
    definition: DynamicAddressable<M>,
    key: string
  ) => Effect.Effect<ActorRef<M>, StartFailed | GaveUp>
  readonly find: <M>(definition: DynamicAddressable<M>, key: string) => Option.Option<ActorRef<M>>
  /** Ends the child (grace, then interruption) and forgets it, also a given-up one. No such child: nothing to do. */
  readonly stopChild: <M>(definition: DynamicAddressable<M>, key: string) => Effect.Effect<void>
  /** Forgets that a child was given up, so that the next `getOrStart` tries again. */
  readonly reset: <M>(definition: DynamicAddressable<M>, key: string) => Effect.Effect<void>
  /** Parents before children, static children in their order of start. */
  readonly snapshot: Effect.Effect<ReadonlyArray<ActorInfo>>
  readonly lookup: (path: string) => Option.Option<ActorInfo>
  /** For chaos tests: ends what lives at this path as if it had crashed. False when nothing lives there. */
  readonly crash: (path: string, cause: Cause.Cause<unknown>) => Effect.Effect<boolean>
  /** Events that were dropped because `onEvent` was behind. */
  readonly eventsDropped: Effect.Effect<number>
  /** Incarnations whose finalizers still ran when their grace was over, and which were left behind. */
  readonly abandoned: Effect.Effect<number>
  /** Fails when the root gives up; the process should then exit and say why. */
  readonly done: Effect.Effect<never, GaveUp>
}

export const Tree = Context.Service<Tree>("choiros/supervision/Tree")
