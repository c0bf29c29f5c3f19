/**
 * Asks for a run in a thread of its own.
 *
 * Law: what is asked again because no answer came begins once; and where it has begun after all, that is told.
 */
import { type Budget, isEvent, RunStartReply, ulid } from "@choiros/protocol"
import { ApiError, post } from "../../client/api.ts"
import { onEvents } from "../../state/listeners.ts"
import { me } from "../../state/session.ts"

export interface HowToBegin {
  readonly agent: string
  readonly model?: string
  readonly budget?: Budget
  readonly review_plan?: boolean
}

interface Asked {
  readonly client_message_id: string
  readonly at: number
  readonly begun: (run_id: string) => void
  /** Of the run that has turned up meanwhile. */
  run_id: string | null
}

/** Milliseconds after which the same words are another objective. */
const memory = 120_000

/** By their words: what was asked and not answered. */
const lost = new Map<string, Asked>()
const underWay = new Set<Asked>()

/** Null, and `begun` is called, when no answer came and the run has turned up; it may turn up later, too. */
export const beginRun = async (
  objective: string,
  how: HowToBegin,
  begun: (run_id: string) => void
): Promise<typeof RunStartReply.Type | null> => {
  const words = JSON.stringify([objective, how])
  const before = lost.get(words)
  lost.delete(words)
  const isAgain = before !== undefined && performance.now() - before.at < memory
  const client_message_id = isAgain ? before.client_message_id : ulid()
  const asked: Asked = { client_message_id, at: performance.now(), begun, run_id: null }
  underWay.add(asked)
  try {
    const body = { objective, actor_id: me, user_id: me, client_message_id, ...how }
    return await post("/runs", body, RunStartReply)
  } catch (error) {
    // What was refused has begun nothing; any other end tells nothing.
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) throw error
    if (asked.run_id === null) {
      lost.set(words, asked)
      throw error
    }
    begun(asked.run_id)
    return null
  } finally {
    underWay.delete(asked)
  }
}

onEvents((events) => {
  if (lost.size === 0 && underWay.size === 0) return
  for (const event of events) {
    if (!isEvent(event, "chat.user_msg")) continue
    const { client_message_id, message_id } = event.payload
    for (const asked of underWay) if (asked.client_message_id === client_message_id) asked.run_id = message_id
    for (const [words, asked] of lost) {
      if (asked.client_message_id !== client_message_id) continue
      lost.delete(words)
      asked.begun(message_id)
    }
  }
})
