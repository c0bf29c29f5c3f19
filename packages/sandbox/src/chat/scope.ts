/** A thread is (actor, session, thread): the key of its agent, and the filter of its events. */
import { defaultScope, type Scope } from "@choiros/protocol"

export interface ThreadScope extends Scope {
  readonly actor_id: string
}

/** The thread that an actor has when nobody names one. */
export const defaultThread = (actor_id: string): ThreadScope => ({ actor_id, ...defaultScope(actor_id) })

export const scopeKey = (scope: ThreadScope): string =>
  JSON.stringify([scope.actor_id, scope.session_id, scope.thread_id])

export const scopeOfKey = (key: string): ThreadScope => {
  const parts: unknown = JSON.parse(key)
  if (!Array.isArray(parts)) throw new Error(`Not a thread's key: ${key}`)
  const [actor_id, session_id, thread_id] = parts.map(String)
  return { actor_id: actor_id ?? "", session_id: session_id ?? "", thread_id: thread_id ?? "" }
}
