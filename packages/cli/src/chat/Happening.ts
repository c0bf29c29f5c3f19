/**
 * What happens in a thread, as a conversation shows it: the same whether it came as a frame of the socket or, after a cut,
 * as an event of the log.
 *
 * Law: `key` names one happening for good, so that what is heard twice is shown once. What has no key is heard once.
 */
import { ChatServerFrame, catalog, type Event, type EventOf, isEvent, ResponseContent } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

export type Happening =
  /** A message was taken; its text is not told. */
  | { readonly _tag: "Processing" }
  /** A message, with its text. */
  | { readonly _tag: "Asked"; readonly key: string; readonly text: string; readonly client_message_id: string | null }
  | { readonly _tag: "Thought"; readonly text: string }
  /** The turn waits: a message goes on with it. */
  | { readonly _tag: "Paused"; readonly key: string; readonly reason: string }
  | { readonly _tag: "Delta"; readonly message_id: string; readonly offset: number; readonly text: string }
  | { readonly _tag: "Called"; readonly key: string; readonly call: EventOf<"tool.call">["payload"] }
  | { readonly _tag: "Returned"; readonly key: string; readonly result: EventOf<"tool.result">["payload"] }
  | { readonly _tag: "Worked"; readonly key: string; readonly task: TaskEvent }
  | {
      readonly _tag: "Answered"
      readonly key: string
      readonly text: string
      readonly model: string
      readonly message_id: string | null
      readonly run_id: string | null
      readonly client_message_id: string | null
    }
  | {
      readonly _tag: "Failed"
      readonly key: string | null
      readonly message: string
      readonly run_id: string | null
      readonly client_message_id: string | null
    }
  | { readonly _tag: "Switched"; readonly model: string }
  | { readonly _tag: "Lagged" }

export type TaskEvent = EventOf<TaskEventType>
type TaskEventType = (typeof taskEventTypes)[number]

const taskEventTypes = [
  "worker.task.started",
  "worker.task.progress",
  "worker.task.completed",
  "worker.task.failed",
  "worker.task.cancelled"
] as const

/** The types of events that a conversation is made of. */
export const conversationTypes = [
  "chat.user_msg",
  "chat.assistant_msg",
  "tool.*",
  "run.paused",
  "run.ended",
  "worker.task.*"
]

const processing = "Processing your message..."

const pausedLead = "Paused: "

const decodeFrame = Schema.decodeUnknownOption(ChatServerFrame)
const decodeResponse = Schema.decodeUnknownOption(Schema.fromJsonString(ResponseContent))
const decodeJson = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Unknown))
const EventTyped = Schema.Struct({ event_type: Schema.String })

/** What a frame of the chat socket tells; null for what is no part of a conversation, or not understood. */
export const ofFrame = (raw: unknown): Happening | null => {
  const decoded = decodeFrame(raw)
  if (Option.isNone(decoded)) return null
  const frame = decoded.value
  switch (frame.type) {
    case "thinking":
      if (frame.content === processing) return { _tag: "Processing" }
      return frame.content.startsWith(pausedLead)
        ? paused(frame.content.slice(pausedLead.length), frame.timestamp)
        : { _tag: "Thought", text: frame.content }
    case "delta":
      return { _tag: "Delta", message_id: frame.message_id, offset: frame.offset, text: frame.content }
    case "tool_call":
      return ofContent("tool.call", frame.content, frame.timestamp)
    case "tool_result":
      return ofContent("tool.result", frame.content, frame.timestamp)
    case "actor_call":
      return ofContent(null, frame.content, frame.timestamp)
    case "response": {
      const response = Option.getOrNull(decodeResponse(frame.content))
      if (response === null) return null
      const { client_message_id, model_used, text } = response
      return answered(text, model_used, frame.message_id ?? null, frame.run_id ?? null, client_message_id)
    }
    case "error":
      return failed(
        frame.reason === undefined ? frame.message : `${frame.message}: ${frame.reason}`,
        frame.run_id ?? null,
        frame.client_message_id ?? null
      )
    case "model_switched":
      return { _tag: "Switched", model: frame.model }
    case "lagged":
      return { _tag: "Lagged" }
    default:
      return null
  }
}

/** Events of a thread, in their order, as what happened. */
export const ofEvents = (events: ReadonlyArray<Event>): ReadonlyArray<Happening> => {
  const asked = new Map<string, string | null>()
  const answers = new Map<string, EventOf<"chat.assistant_msg">["payload"]>()
  return events.flatMap((event): ReadonlyArray<Happening> => {
    if (isEvent(event, "chat.user_msg")) {
      const { client_message_id, message_id, text } = event.payload
      asked.set(message_id, client_message_id)
      return [{ _tag: "Asked", key: `asked:${message_id}`, text, client_message_id }]
    }
    if (isEvent(event, "chat.assistant_msg")) {
      if (event.run_id !== null) answers.set(event.run_id, event.payload)
      return []
    }
    if (isEvent(event, "run.ended")) {
      const { answered: messages, error, outcome } = event.payload
      const answer = answers.get(event.run_id ?? "")
      const why = outcome === "stopped" ? "Stopped" : (error?.message ?? "It failed")
      return messages.map((message) => {
        const id = asked.get(message) ?? null
        return answer === undefined
          ? failed(why, event.run_id, id)
          : answered(answer.text, answer.model_used, answer.message_id, event.run_id, id)
      })
    }
    const one = ofEvent(event)
    return one === null ? [] : [one]
  })
}

const ofEvent = (event: Event): Happening | null => {
  if (isEvent(event, "run.paused")) return paused(event.payload.reason, event.timestamp)
  if (isEvent(event, "tool.call")) return { _tag: "Called", key: `call:${event.payload.call_id}`, call: event.payload }
  if (isEvent(event, "tool.result")) {
    return { _tag: "Returned", key: `result:${event.payload.call_id}`, result: event.payload }
  }
  if (isTask(event)) {
    const { task_id } = event.payload
    return { _tag: "Worked", key: `task:${task_id}:${event.event_type}:${event.timestamp}`, task: event }
  }
  return null
}

const isTask = (event: Event): event is TaskEvent => taskEventTypes.some((type) => isEvent(event, type))

const paused = (reason: string, timestamp: string): Happening => ({
  _tag: "Paused",
  key: `paused:${timestamp}`,
  reason
})

const answered = (
  text: string,
  model: string,
  message_id: string | null,
  run_id: string | null,
  client_message_id: string | null
): Happening => ({
  _tag: "Answered",
  key: endOf(run_id, client_message_id) ?? `end:${message_id ?? ""}`,
  text,
  model,
  message_id,
  run_id,
  client_message_id
})

/** Every message has one end; a frame may name the message, the run, or neither. */
const endOf = (run_id: string | null, client_message_id: string | null): string | null =>
  client_message_id !== null ? `end:${client_message_id}` : run_id !== null ? `end:${run_id}` : null

const failed = (message: string, run_id: string | null, client_message_id: string | null): Happening => ({
  _tag: "Failed",
  key: endOf(run_id, client_message_id),
  message,
  run_id,
  client_message_id
})

/** The content of a chunk frame is an event's payload; where no type is given, the payload names it. */
const ofContent = (type: string | null, content: string, timestamp: string): Happening | null => {
  const payload = Option.getOrNull(decodeJson(content))
  const named = Schema.is(EventTyped)(payload) ? payload.event_type : ""
  const event_type = type ?? named
  const definition = catalog.get(event_type)
  if (definition === undefined || Option.isNone(Schema.decodeUnknownOption(definition.payload)(payload))) return null
  return ofEvent({ ...envelope, event_type, version: definition.version, timestamp, payload })
}

/** What a frame does not tell of its event. */
const envelope = {
  seq: 0,
  event_id: "",
  actor_id: "",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null
}
