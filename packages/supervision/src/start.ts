/**
 * From the tree as data to the tree that runs.
 *
 * Law: `start` returns when every static child is up, or fails with nothing left. The tree ends with its scope.
 */
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Scheduler from "effect/Scheduler"
import type * as Scope from "effect/Scope"
import { millis } from "./Intensity.ts"
import { type Node, type Overseer, startFailed, words } from "./Node.ts"
import { Runtime } from "./Runtime.ts"
import type { EventListener } from "./SupervisionEvent.ts"
import type { SupervisorDefinition } from "./Supervisor.ts"
import { type ActorInfo, type Children, type DynamicAddressable, GaveUp, type StartFailed, Tree } from "./Tree.ts"

export interface StartOptions {
  /** Told every event in order. May be slow, and may fail while it is down: the event is told again. */
  readonly onEvent?: EventListener
  /** Events that wait for `onEvent`; 1,024 by default. */
  readonly ring?: number
  /** How long a stop waits for `onEvent` to take what is left; not at all by default. */
  readonly flush?: Duration.Input
}

export const start = <R>(
  root: SupervisorDefinition<R>,
  options: StartOptions = {}
): Effect.Effect<Tree, StartFailed, Exclude<R | Scope.Scope | Tree, Tree>> =>
  Effect.suspend(() =>
    Effect.contextWith((outer: Context.Context<never>) => {
      const runtime = new Runtime({
        context: outer,
        clock: Context.get(outer, Clock.Clock),
        scheduler: Context.get(outer, Scheduler.Scheduler),
        onEvent: options.onEvent ?? (() => {}),
        ringCapacity: options.ring ?? 1024
      })
      const done = Deferred.makeUnsafe<never, GaveUp>()
      const tree = treeOf(runtime, done)
      return boot(root, runtime, tree, done, millis(options.flush ?? 0)).pipe(Effect.provideService(Tree, tree))
    })
  )

const boot = Effect.fnUntraced(function* <R>(
  root: SupervisorDefinition<R>,
  runtime: Runtime,
  tree: Tree,
  done: Deferred.Deferred<never, GaveUp>,
  flushMs: number
) {
  const context = yield* Effect.context<R | Scope.Scope | Tree>()
  const overseer: Overseer = {
    crashed: () => {},
    ended: (node, ending) => {
      const cause = ending._tag === "crashed" ? words(ending.cause) : "it has ended"
      Deferred.doneUnsafe(done, Exit.fail(new GaveUp({ path: node.path, cause, restarts: node.restarts })))
    }
  }
  const node = root.build({
    runtime,
    context,
    path: "/",
    parent: undefined,
    overseer,
    shutdownMs: root.shutdownMs
  })
  runtime.enroll(node)
  yield* Effect.addFinalizer(() => stop(node, runtime, flushMs))
  yield* Effect.catchCause(begun(node), (cause) => Effect.fail(startFailed(node.path, cause)))
  return tree
})

const begun = (node: Node): Effect.Effect<void, unknown> =>
  Effect.callback((resume) => {
    node.begin(resume)
    return Effect.callback<void>((stopped) => node.end(() => stopped(Effect.void)))
  })

const stop = (node: Node, runtime: Runtime, flushMs: number): Effect.Effect<void> =>
  Effect.callback<void>((resume) => node.end(() => resume(Effect.void))).pipe(
    Effect.andThen(Effect.suspend(() => runtime.ring.close(runtime, flushMs))),
    Effect.andThen(Effect.sync(() => runtime.deadlines.close()))
  )

const treeOf = (runtime: Runtime, done: Deferred.Deferred<never, GaveUp>): Tree => {
  const root = () => runtime.nodes.get("/")
  const childrenOf = <M>(definition: DynamicAddressable<M>): Children<M> => {
    const children = definition.childrenIn(runtime)
    if (children === undefined) throw new Error("This dynamic supervisor does not stand in this tree")
    return children
  }
  return {
    ref: (definition) => {
      const ref = definition.refIn(runtime)
      if (ref === undefined) throw new Error("This actor does not stand in this tree")
      return ref
    },
    getOrStart: (definition, key) => Effect.suspend(() => childrenOf(definition).getOrStart(key)),
    find: (definition, key) => childrenOf(definition).find(key),
    stopChild: (definition, key) => Effect.suspend(() => childrenOf(definition).stopChild(key)),
    reset: (definition, key) => Effect.suspend(() => childrenOf(definition).reset(key)),
    snapshot: Effect.sync(() => {
      const seen: Array<ActorInfo> = []
      root()?.visit((info) => seen.push(info))
      return seen
    }),
    lookup: (path) => Option.map(Option.fromUndefinedOr(runtime.locate(path)), (node) => node.info()),
    crash: (path: string, cause: Cause.Cause<unknown>) =>
      Effect.sync(() => runtime.locate(path)?.crash(cause) ?? false),
    eventsDropped: Effect.sync(() => runtime.ring.dropped),
    abandoned: Effect.sync(() => runtime.abandoned),
    done: Deferred.await(done)
  }
}
