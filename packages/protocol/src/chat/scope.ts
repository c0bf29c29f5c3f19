/** Which thread of an actor is meant: the pair that was named, or the actor's default. */
import * as Result from "effect/Result"
import type { Scope as ScopeSchema } from "../events/shared.ts"

export type Scope = typeof ScopeSchema.Type

export const defaultScope = (actorId: string): Scope => ({
  session_id: `session:${actorId}`,
  thread_id: `thread:${actorId}`
})

/** The pair, null when neither is named, or the contract's sentence when one is missing. */
export const scopePair = (
  sessionId: string | null | undefined,
  threadId: string | null | undefined
): Result.Result<Scope | null, string> => {
  const session = sessionId ?? null
  const thread = threadId ?? null
  if (session !== null && thread !== null) return Result.succeed({ session_id: session, thread_id: thread })
  if (session !== null) return Result.fail("thread_id is required when session_id is provided")
  if (thread !== null) return Result.fail("session_id is required when thread_id is provided")
  return Result.succeed(null)
}
