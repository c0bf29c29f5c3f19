/**
 * Says something to the computer that must not come twice.
 *
 * Law: what is said again because no answer came has the same id, by which the computer takes it once; and where it has
 * come after all, that is told.
 */
import { isEvent, ulid } from "@choiros/protocol"
import { ApiError } from "../client/api.ts"
import { onEvents } from "./listeners.ts"

interface Said {
  readonly client_message_id: string
  readonly at: number
  readonly came: (message_id: string) => void
  /** As which it has turned up meanwhile. */
  message_id: string | null
}

/** Milliseconds after which the same words are said anew. */
const memory = 120_000

/** By what was said: what was not answered. */
const lost = new Map<string, Said>()
const underWay = new Set<Said>()

/**
 * `what` tells it from everything else that may be said. Null, and `came` is called, when no answer came and it has turned
 * up; it may turn up later, too.
 */
export const sayOnce = async <Answer>(
  what: unknown,
  send: (client_message_id: string) => Promise<Answer>,
  came: (message_id: string) => void
): Promise<Answer | null> => {
  const key = JSON.stringify(what)
  const before = lost.get(key)
  lost.delete(key)
  const isAgain = before !== undefined && performance.now() - before.at < memory
  const client_message_id = isAgain ? before.client_message_id : ulid()
  const said: Said = { client_message_id, at: performance.now(), came, message_id: null }
  underWay.add(said)
  try {
    return await send(client_message_id)
  } catch (error) {
    // What was refused has not come; any other end tells nothing.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error
    if (said.message_id === null) {
      lost.set(key, said)
      throw error
    }
    came(said.message_id)
    return null
  } finally {
    underWay.delete(said)
  }
}

onEvents((events) => {
  if (lost.size === 0 && underWay.size === 0) return
  for (const event of events) {
    if (!isEvent(event, "chat.user_msg")) continue
    const { client_message_id, message_id } = event.payload
    for (const said of underWay) if (said.client_message_id === client_message_id) said.message_id = message_id
    for (const [key, said] of lost) {
      if (said.client_message_id !== client_message_id) continue
      lost.delete(key)
      said.came(message_id)
    }
  }
})
