/**
 * What was said in a thread before a run, as a model is shown it: the newest turns that fit, in order.
 *
 * Law: a long thread costs a model call no more than its budget; what a thread's deletion took is never shown.
 */
import type { EventLog, ReadError } from "@choiros/event-log"
import { type Event, type EventPayloads, isEvent } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import type { ModelMessage } from "../models/Model.ts"

interface ThreadOf {
  readonly actor_id: string
  readonly session_id?: string | null | undefined
  readonly thread_id?: string | null | undefined
  readonly run_id?: string | null | undefined
}

/** Events of a thread that a model call looks back on, however short they are: a turn costs the same in a long thread. */
const lookBack = 800

/** Characters of one tool result that later turns are shown. */
const resultLimit = 2_000

/** Reads the thread backwards until `budget` characters are full. The run's own events are left out. */
export const threadHistory = Effect.fnUntraced(function* (
  log: EventLog["Service"],
  thread: ThreadOf,
  budget: number
): Effect.fn.Return<ReadonlyArray<ModelMessage>, ReadError> {
  const newestFirst: Array<Event> = []
  let size = 0
  let before: number | undefined
  for (;;) {
    const page: ReadonlyArray<Event> = yield* log.read({
      actor_id: thread.actor_id,
      session_id: thread.session_id ?? "",
      thread_id: thread.thread_id ?? "",
      types: ["chat.user_msg", "chat.assistant_msg", "chat.thread_deleted", "run.*", "tool.call", "tool.result"],
      order: "desc",
      limit: pageSize,
      payloads: "full",
      ...(before === undefined ? {} : { before_seq: before })
    })
    for (const event of page) {
      if (event.run_id !== null && event.run_id === thread.run_id) continue
      size += sizeOf(event)
      if (size > budget || newestFirst.length === lookBack || isEvent(event, "chat.thread_deleted")) {
        // A run's start without the message that it came with has only an excerpt of it.
        const oldest = newestFirst.at(-1)
        if (oldest !== undefined && oldest.run_id === event.run_id && isEvent(oldest, "run.started")) newestFirst.pop()
        return toMessages(newestFirst.toReversed())
      }
      newestFirst.push(event)
    }
    const oldest = page.at(-1)
    if (oldest === undefined || page.length < pageSize) return toMessages(newestFirst.toReversed())
    before = oldest.seq
  }
})

const pageSize = 200

const sizeOf = (event: Event): number => {
  if (isEvent(event, "chat.user_msg") || isEvent(event, "chat.assistant_msg")) return event.payload.text.length
  if (isEvent(event, "run.started")) return event.payload.objective.length
  if (isEvent(event, "tool.call")) return event.payload.tool_args.length
  if (isEvent(event, "tool.result")) return Math.min(resultLimit, textOf(event.payload).length)
  return 0
}

const endedWithout = ({ error, outcome }: EventPayloads["run.ended"]): string =>
  outcome === "stopped" ? "(The user stopped this turn.)" : `(This turn failed: ${error?.message ?? outcome}.)`

const textOf = (result: EventPayloads["tool.result"]): string => result.output ?? result.error ?? ""

/**
 * Events of a thread, oldest first, as messages: beginning with the user's, each tool call beside its result. A message
 * that waited in a queue is shown where its run began, one that no run has taken is not shown.
 */
export const toMessages = (events: ReadonlyArray<Event>): ReadonlyArray<ModelMessage> => {
  const answered = new Set(events.flatMap((event) => (isEvent(event, "tool.result") ? [event.payload.call_id] : [])))
  const called = new Set<string>()
  const shown = new Set<string>()
  const messages: Array<ModelMessage> = []
  for (const event of events) {
    const last = messages.at(-1)
    if (isEvent(event, "chat.user_msg")) {
      if (event.run_id === null) continue
      shown.add(event.payload.message_id)
      messages.push({ role: "user", text: event.payload.text })
    } else if (isEvent(event, "run.started")) {
      const { objective, trigger } = event.payload
      if (trigger.kind === "message" && shown.has(trigger.message_id)) continue
      messages.push({ role: "user", text: objective })
    } else if (messages.length === 0) continue
    else if (isEvent(event, "run.ended") && !event.payload.outcome.startsWith("done")) {
      // Without it the next turn would take the message for one that still waits, and do it after all.
      messages.push({ role: "assistant", text: endedWithout(event.payload), toolCalls: [] })
    } else if (isEvent(event, "chat.assistant_msg")) {
      messages.push({ role: "assistant", text: event.payload.text, toolCalls: [] })
    } else if (isEvent(event, "tool.call") && answered.has(event.payload.call_id)) {
      const { call_id, tool_name, tool_args, signature } = event.payload
      called.add(call_id)
      const call = {
        callId: call_id,
        name: tool_name,
        args: tool_args,
        ...(signature === undefined ? {} : { signature })
      }
      if (last?.role === "assistant" && last.toolCalls.length > 0) {
        messages[messages.length - 1] = { ...last, toolCalls: [...last.toolCalls, call] }
      } else messages.push({ role: "assistant", text: "", toolCalls: [call] })
    } else if (isEvent(event, "tool.result") && called.has(event.payload.call_id)) {
      const text = textOf(event.payload)
      messages.push({
        role: "tool",
        callId: event.payload.call_id,
        name: event.payload.tool_name,
        output: text.length > resultLimit ? `${text.slice(0, resultLimit)}…` : text,
        isError: !event.payload.success
      })
    }
  }
  return messages
}
