/**
 * The tree as data: child specs and supervisors, with the meaning that OTP gives these words.
 */
import type * as Duration from "effect/Duration"
import { type ActorDefinition, defaultShutdownMs } from "./Actor.ts"
import type { Definition, Site } from "./Definition.ts"
import { DynamicSupervisor } from "./DynamicSupervisor.ts"
import { type Backoff, limits, millis } from "./Intensity.ts"
import type { Node } from "./Node.ts"
import { type Restart, StaticSupervisor, type Strategy } from "./StaticSupervisor.ts"
import type { Children, DynamicAddressable } from "./Tree.ts"

export interface ChildSpec<out R> {
  readonly id: string
  readonly definition: Definition<R>
  readonly restart: Restart
  readonly shutdownMs: number
}

export interface ChildOptions {
  /** `permanent` (default): always. `transient`: after a crash alone. `temporary`: never. */
  readonly restart?: Restart
  /** Grace before the end is forced; 5 seconds by default, without limit for supervisors. */
  readonly shutdown?: Duration.Input
}

/**
 * `id` becomes a part of the path below the parent's; one that begins with `/` is the whole path, so that a supervisor
 * that only groups need not show in the addresses of what it holds.
 */
export const child = <R>(id: string, definition: Definition<R>, options?: ChildOptions): ChildSpec<R> => ({
  id,
  definition,
  restart: options?.restart ?? "permanent",
  shutdownMs: options?.shutdown === undefined ? definition.shutdownMs : millis(options.shutdown)
})

interface Limited {
  /** More crashes than this within `period` are one too many. */
  readonly intensity: number
  readonly period: Duration.Input
  /** Before a restart: 100 ms, doubled each time within the period, at most 10 s, unless said otherwise. */
  readonly backoff?: Backoff
}

interface SupervisorSpec<out Specs extends ReadonlyArray<ChildSpec<unknown>>> extends Limited {
  readonly name: string
  readonly strategy: Strategy
  /** Started in this order, ended in the reverse order. */
  readonly children: Specs
}

export interface SupervisorDefinition<out R> extends Definition<R> {
  readonly name: string
}

type Requirements<Specs extends ReadonlyArray<ChildSpec<unknown>>> = Specs[number] extends infer Spec
  ? Spec extends ChildSpec<infer R>
    ? R
    : never
  : never

export function supervisor<const Specs extends ReadonlyArray<ChildSpec<unknown>>>(
  spec: SupervisorSpec<Specs>
): SupervisorDefinition<Requirements<Specs>>
export function supervisor<R>(spec: SupervisorSpec<ReadonlyArray<ChildSpec<R>>>): SupervisorDefinition<R> {
  const { name, strategy, children } = spec
  const checked = { strategy, limits: limits(spec) }
  return {
    name,
    kind: "supervisor",
    shutdownMs: Number.POSITIVE_INFINITY,
    build: (site: Site<R>): Node => {
      const node = new StaticSupervisor(checked, site)
      for (const { id, definition, restart, shutdownMs } of children) {
        const path = id.startsWith("/") ? id : `${site.path === "/" ? "" : site.path}/${id}`
        const below = definition.build({ ...site, path, parent: site.path, overseer: node, shutdownMs })
        site.runtime.enroll(below)
        node.adopt(below, restart)
      }
      return node
    }
  }
}

interface DynamicChildSpec<in out M, out E, out R> extends Limited {
  readonly name: string
  /** Asked once a key; restarts start the same definition again. */
  readonly child: (key: string) => ActorDefinition<M, E, R>
  readonly restart?: Restart
  readonly shutdown?: Duration.Input
  /** Children at once, given-up ones included; no limit by default. */
  readonly max?: number
}

export interface DynamicDefinition<in M, out R = never> extends Definition<R>, DynamicAddressable<M> {
  readonly name: string
}

export const dynamic = <M, E = never, R = never>(spec: DynamicChildSpec<M, E, R>): DynamicDefinition<M, R> => {
  const supervisors = new WeakMap<object, Children<M>>()
  const restart = spec.restart ?? "permanent"
  const shutdownMs = spec.shutdown === undefined ? defaultShutdownMs : millis(spec.shutdown)
  const restartLimits = limits(spec)
  return {
    name: spec.name,
    kind: "dynamic",
    shutdownMs: Number.POSITIVE_INFINITY,
    childrenIn: (tree) => supervisors.get(tree),
    build: (site: Site<R>): Node => {
      const { runtime, context, path } = site
      if (supervisors.has(runtime)) throw new Error(`One definition stands twice in the tree, again at ${path}`)
      const node = new DynamicSupervisor<M>(
        {
          restart,
          limits: restartLimits,
          max: spec.max ?? Number.POSITIVE_INFINITY,
          spawn: (key, childPath, overseer) =>
            spec.child(key).spawn({ runtime, context, path: childPath, parent: path, overseer, shutdownMs })
        },
        site
      )
      supervisors.set(runtime, node)
      runtime.dynamics.set(path, node)
      return node
    }
  }
}
