/**
 * What anything in the tree is before it lives, and where it is put.
 */
import type * as Context from "effect/Context"
import type * as Scope from "effect/Scope"
import type { Node, Overseer } from "./Node.ts"
import type { Runtime } from "./Runtime.ts"
import type { Tree } from "./Tree.ts"

export interface Place {
  readonly runtime: Runtime
  readonly path: string
  readonly parent: string | undefined
  readonly overseer: Overseer
  /** The grace of an end, before it is forced. */
  readonly shutdownMs: number
}

export interface Site<in R> extends Place {
  readonly context: Context.Context<R | Scope.Scope | Tree>
}

/** Anything that can be a child. */
export interface Definition<out R> {
  readonly kind: string
  /** The grace where the child spec names none. */
  readonly shutdownMs: number
  readonly build: (site: Site<R>) => Node
}
