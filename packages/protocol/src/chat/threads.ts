/**
 * The list of threads, as a fold over chat and run events.
 *
 * Law: a thread begins with its creation or with its first message, and is gone when deleted; what an old turn still
 * says after that does not bring it back.
 */
import * as HashMap from "effect/HashMap"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Event } from "../Event.ts"
import { type EventType, isEvent } from "../events.ts"

/** A thread: (actor_id, session_id, thread_id) is what it is, the rest is what became of it. */
export const Thread = Schema.Struct({
  actor_id: Schema.String,
  session_id: Schema.String,
  thread_id: Schema.String,
  title: Schema.String,
  agent: Schema.String,
  /** Null: the default of the agent, or of the sandbox. */
  model: Schema.NullOr(Schema.String),
  archived: Schema.Boolean,
  /** The run that made this thread for its child. */
  parent_run_id: Schema.NullOr(Schema.String),
  /** The foreground run, while there is one. */
  active_run_id: Schema.NullOr(Schema.String),
  created_at: Schema.String,
  last_activity_at: Schema.String,
  /** Of the last event that belongs to the thread. */
  last_seq: Schema.Int,
  message_count: Schema.Int
})
export type Thread = typeof Thread.Type

export type ThreadsState = HashMap.HashMap<string, Thread>

export const initialThreads: ThreadsState = HashMap.empty()

/** The event types that threads are folded from. */
export const threadEventTypes = [
  "chat.user_msg",
  "chat.assistant_msg",
  "chat.thread_created",
  "chat.thread_renamed",
  "chat.thread_archived",
  "chat.thread_deleted",
  "chat.model_switched",
  "run.started",
  "run.ended"
] as const satisfies ReadonlyArray<EventType>

export const defaultAgent = "chat"

export const evolveThreads = (state: ThreadsState, event: Event): ThreadsState => {
  const { actor_id, session_id, thread_id } = event
  if (session_id === null || thread_id === null) return state
  const key = threadKey(actor_id, session_id, thread_id)
  if (isEvent(event, "chat.thread_deleted")) return HashMap.remove(state, key)

  const known = Option.getOrUndefined(HashMap.get(state, key))
  const thread = known ?? {
    actor_id,
    session_id,
    thread_id,
    title: "",
    agent: defaultAgent,
    model: null,
    archived: false,
    parent_run_id: null,
    active_run_id: null,
    created_at: event.timestamp,
    last_activity_at: event.timestamp,
    last_seq: event.seq,
    message_count: 0
  }
  const put = (change: Partial<Thread>) =>
    HashMap.set(state, key, { ...thread, ...change, last_activity_at: event.timestamp, last_seq: event.seq })

  if (isEvent(event, "chat.thread_created")) {
    const { title, agent, model, parent_run_id } = event.payload
    return put({ title, agent, model, parent_run_id: parent_run_id ?? null })
  }
  if (isEvent(event, "chat.user_msg")) {
    const title = thread.title === "" ? titleFrom(event.payload.text) : thread.title
    return put({ title, message_count: thread.message_count + 1 })
  }
  // A switch of model may come before the first word.
  if (isEvent(event, "chat.model_switched")) return put({ model: event.payload.model })
  if (known === undefined) return state
  if (isEvent(event, "chat.assistant_msg")) return put({ message_count: thread.message_count + 1 })
  if (isEvent(event, "chat.thread_renamed")) return put({ title: event.payload.title })
  if (isEvent(event, "chat.thread_archived")) return put({ archived: event.payload.archived })
  if (isEvent(event, "run.started")) return put({ active_run_id: event.run_id })
  if (isEvent(event, "run.ended")) {
    return put({ active_run_id: thread.active_run_id === event.run_id ? null : thread.active_run_id })
  }
  return state
}

export const findThread = (
  state: ThreadsState,
  actorId: string,
  sessionId: string,
  threadId: string
): Thread | undefined => Option.getOrUndefined(HashMap.get(state, threadKey(actorId, sessionId, threadId)))

/** An actor's threads, the one with the latest activity first. */
export const threadsOf = (state: ThreadsState, actorId: string): ReadonlyArray<Thread> =>
  Array.from(HashMap.values(state))
    .filter((thread) => thread.actor_id === actorId)
    .sort((a, b) => b.last_seq - a.last_seq)

/** What a snapshot holds, and the way back from it. */
export const threadsToSnapshot = (state: ThreadsState): ReadonlyArray<Thread> => Array.from(HashMap.values(state))

export const threadsFromSnapshot = (threads: ReadonlyArray<Thread>): ThreadsState =>
  HashMap.fromIterable(
    threads.map((thread): [string, Thread] => [threadKey(thread.actor_id, thread.session_id, thread.thread_id), thread])
  )

const longestTitle = 80

/** The first line of a message that says something, cut at a code point. */
const titleFrom = (text: string): string => {
  const line =
    text
      .split("\n")
      .map((part) => part.trim())
      .find((part) => part !== "") ?? ""
  const points = Array.from(line.slice(0, 2 * longestTitle + 2))
  return points.length <= longestTitle ? points.join("") : `${points.slice(0, longestTitle - 1).join("")}…`
}

/** Three free strings as one: quoted, so that no choice of theirs makes two threads one. */
const threadKey = (actorId: string, sessionId: string, threadId: string): string =>
  JSON.stringify([actorId, sessionId, threadId])
