/** Which thread is meant, and what it is called here. */
import { defaultScope, ThreadsReply, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import { get, type Server, type ServerError } from "../server/Server.ts"
import type { ThreadScope } from "./ChatLink.ts"

export const defaultActor = "me"

/** The user that messages of this command are from. */
export const cliUser = "me"

/** A thread by its id: where it is known, in its own session; else a new one in the actor's session. */
export const findThread = (
  server: Server,
  actor_id: string,
  thread_id: string | undefined
): Effect.Effect<ThreadScope, ServerError> => {
  const own = { actor_id, ...defaultScope(actor_id) }
  if (thread_id === undefined) return Effect.succeed(own)
  return Effect.map(get(server, `chat/${encodeURIComponent(actor_id)}/threads`, ThreadsReply), ({ threads }) => {
    const known = threads.find((one) => one.thread_id === thread_id)
    return { ...own, thread_id, session_id: known?.session_id ?? own.session_id }
  })
}

export const newThread = (actor_id: string): ThreadScope => ({ actor_id, ...defaultScope(actor_id), thread_id: ulid() })
