/**
 * A place in the tree, as its supervisor sees it: something that is begun, ends, and can be begun again.
 *
 *   stopped ── begin ──▶ starting ── up ──▶ running ── end | stop | crash ──▶ stopping ── gone ──▶ stopped
 *      ▲                    └── could not start ──▶ stopped                                          │
 *      └───────── its supervisor restarts it (`restarting` meanwhile), or gives it up (`given_up`) ◀──┘
 */
import * as Cause from "effect/Cause"
import type * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { type ActorInfo, type ActorState, StartFailed } from "./Tree.ts"

export type Ending =
  | { readonly _tag: "normal" }
  | { readonly _tag: "shutdown" }
  | { readonly _tag: "crashed"; readonly cause: Cause.Cause<unknown> }

export const normal: Ending = { _tag: "normal" }
export const shutdown: Ending = { _tag: "shutdown" }
export const crashed = (cause: Cause.Cause<unknown>): Ending => ({ _tag: "crashed", cause })

/** Told once: it runs, or why it could not start. */
export type Up = (exit: Exit.Exit<void, unknown>) => void

export interface Node {
  readonly path: string
  readonly kind: string
  readonly state: ActorState
  restarts: number
  /** Only when nothing lives here. `up` is told once everything of a failed start is gone again. */
  begin(up: Up): void
  /** In order: the grace, then interruption. `gone` is told when nothing lives here any more. */
  end(gone: () => void): void
  /** Without grace. */
  kill(): void
  /** As if it had crashed; false when nothing lives here. */
  crash(cause: Cause.Cause<unknown>): boolean
  /** What its supervisor decided about it while nothing lives here. */
  mark(state: "restarting" | "stopped" | "given_up"): void
  info(): ActorInfo
  /** Itself, then what is below it. */
  visit(see: (info: ActorInfo) => void): void
}

/** What a node tells its supervisor. A start that fails is told through `begin` alone, an end that was asked for through `end` alone. */
export interface Overseer {
  /** At once, while its scope still closes. */
  crashed(node: Node, cause: Cause.Cause<unknown>): void
  /** By itself, and nothing of it lives any more. */
  ended(node: Node, ending: Ending): void
}

/** One line for people: the first failure or defect of a cause, without its stack. */
export const words = (cause: Cause.Cause<unknown>): string => {
  if (Cause.hasInterruptsOnly(cause)) return "interrupted"
  const error = Cause.squash(cause)
  if (!(error instanceof Error)) return String(error)
  return error.message === "" ? error.name : `${error.name}: ${error.message}`
}

/** Names the place that could not start: the innermost, when supervisors stand above it. */
export const startFailed = (path: string, cause: Cause.Cause<unknown>): StartFailed => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return error instanceof StartFailed ? error : new StartFailed({ path, cause: words(cause) })
}
