/** How a command ends: its exit code, and for a failure one sentence on stderr. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Scope from "effect/Scope"
import type { ServerError } from "./server/Server.ts"

/** 3: the server can't be reached, or lets nobody in. */
export const exitCode = async (program: Effect.Effect<number, ServerError, Scope.Scope>): Promise<number> => {
  const exit = await Effect.runPromiseExit(Effect.scoped(program))
  if (Exit.isSuccess(exit)) return exit.value
  const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
  if (failure?._tag !== "Fail") throw Cause.squash(exit.cause)
  process.stderr.write(`${failure.error.message}\n`)
  return 3
}
