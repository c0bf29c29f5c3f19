/**
 * What an actor is before it lives: a kind, the size of its mailbox, and how an incarnation starts.
 */
import { ActorProcess, type ActorSpec } from "./ActorProcess.ts"
import type { ActorRef } from "./ActorRef.ts"
import type { Definition, Site } from "./Definition.ts"
import type { Node } from "./Node.ts"
import type { Addressable } from "./Tree.ts"

export interface ActorDefinition<in out M, out E = never, out R = never> extends Definition<R>, Addressable<M> {
  readonly spec: ActorSpec<M, E, R>
  /** For a dynamic supervisor, which finds its children by key and not by definition. */
  readonly spawn: (site: Site<R>) => Node & ActorRef<M>
}

/** A static child may stop for so long: long enough to write what it holds, short enough for an orderly exit. */
export const defaultShutdownMs = 5_000

/**
 * Defines an actor. Annotate `start`'s parameter, `(self: Self<Message>)`, and the rest is inferred. `start` runs at each incarnation; the handler that it returns gets one message at a time.
 * A handler can't fail in a typed way: what can go wrong is answered through the message's `Reply`.
 */
export const actor = <M, E = never, R = never>(spec: ActorSpec<M, E, R>): ActorDefinition<M, E, R> =>
  new LiveDefinition(spec)

class LiveDefinition<M, E, R> implements ActorDefinition<M, E, R> {
  readonly spec: ActorSpec<M, E, R>
  readonly shutdownMs = defaultShutdownMs
  #refs: WeakMap<object, ActorRef<M>> | undefined = undefined

  constructor(spec: ActorSpec<M, E, R>) {
    this.spec = spec
  }

  get kind(): string {
    return this.spec.kind
  }

  refIn(tree: object): ActorRef<M> | undefined {
    return this.#refs?.get(tree)
  }

  spawn(site: Site<R>): Node & ActorRef<M> {
    return new ActorProcess(this.spec, site)
  }

  build(site: Site<R>): Node {
    this.#refs ??= new WeakMap()
    if (this.#refs.has(site.runtime)) throw new Error(`One definition stands twice in the tree, again at ${site.path}`)
    const process = this.spawn(site)
    this.#refs.set(site.runtime, process)
    return process
  }
}
