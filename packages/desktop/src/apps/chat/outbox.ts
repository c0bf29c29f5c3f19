/**
 * What was said here and is not in the log yet.
 *
 *   sending ── its event comes ──▶ gone (the conversation shows it)
 *      └────── refused ──────────▶ gone (the text goes back to where it was typed)
 */
import { createStore } from "zustand/vanilla"
import type { ThreadScope } from "../../state/runs.ts"

export interface Outgoing {
  readonly client_message_id: string
  /** Of its thread. */
  readonly thread: string
  readonly text: string
  /** RFC 3339. */
  readonly at: string
}

export const threadKey = ({ actor_id, session_id, thread_id }: ThreadScope): string =>
  JSON.stringify([actor_id, session_id, thread_id])

export const outboxStore = createStore<{ readonly messages: ReadonlyArray<Outgoing> }>(() => ({ messages: [] }))

export const putOut = (message: Outgoing): void =>
  outboxStore.setState(({ messages }) => ({ messages: [...messages, message] }))

export const takeOut = (ids: ReadonlySet<string>): void =>
  outboxStore.setState((before) => {
    const messages = before.messages.filter(({ client_message_id }) => !ids.has(client_message_id))
    return messages.length === before.messages.length ? before : { messages }
  })
