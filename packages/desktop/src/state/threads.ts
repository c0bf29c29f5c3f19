/** The person's threads, the latest first. */
import {
  type Event,
  evolveThreads,
  findThread,
  initialThreads,
  type Thread,
  type ThreadsState,
  threadsFromSnapshot
} from "@choiros/protocol"
import { createStore } from "zustand/vanilla"

export const threadsStore = createStore<{ readonly threads: ThreadsState; readonly known: boolean }>(() => ({
  threads: initialThreads,
  known: false
}))

export const seedThreads = (threads: ReadonlyArray<Thread>): void =>
  threadsStore.setState({ threads: threadsFromSnapshot(threads), known: true })

export const evolveThreadsStore = (events: ReadonlyArray<Event>): void => {
  const before = threadsStore.getState().threads
  const after = events.reduce((threads, event) => {
    const { actor_id, session_id, thread_id } = event
    if (session_id === null || thread_id === null) return threads
    const seen = findThread(threads, actor_id, session_id, thread_id)?.last_seq ?? 0
    return event.seq <= seen ? threads : evolveThreads(threads, event)
  }, before)
  if (after !== before) threadsStore.setState({ threads: after })
}
