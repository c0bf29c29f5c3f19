/**
 * A run, as a fold over its events: what it was asked, what it said and did, and where it stands.
 *
 * Law: everything that a run needs in order to go on is in its events, so a restart is a replay.
 *
 *   none ── started ──▶ working ── ended ──▶ ended
 *                        │   ▲ └─ cancel_requested ─▶ stopping ── ended ──▶ ended
 *                 paused │   │ resumed
 *                        ▼   │
 *                       paused
 */
import type { Event } from "../Event.ts"
import { type EventPayloads, isEvent } from "../events.ts"

export type RunStatus = "none" | "working" | "paused" | "stopping" | "ended"

/** A message of the user's that belongs to the run. */
export interface RunMessage {
  readonly message_id: string
  readonly text: string
}

/** One tool call: asked for by the model, started (about to act), done (has a result). */
export interface RunTool {
  readonly asked: EventPayloads["tool.call"]
  readonly started: EventPayloads["tool.started"] | null
  readonly result: EventPayloads["tool.result"] | null
}

/** What the model is shown of the run, in order. */
export type TranscriptItem =
  | { readonly kind: "user"; readonly message_id: string; readonly text: string }
  | { readonly kind: "assistant"; readonly step: number; readonly text: string; readonly tools: ReadonlyArray<RunTool> }

/** A model call without an end yet. `text` is what its checkpoints hold so far. */
export interface OpenModelCall {
  readonly call_id: string
  readonly step: number
  readonly attempt: number
  readonly text: string
}

export interface RunState {
  readonly run_id: string
  readonly status: RunStatus
  readonly objective: string
  readonly agent: string
  readonly model: string
  readonly trigger: EventPayloads["run.started"]["trigger"] | null
  readonly parent_run_id: string | null
  readonly started_at: string | null
  /** Number of the current step, from 1; 0 before the first. */
  readonly step: number
  readonly step_open: boolean
  readonly transcript: ReadonlyArray<TranscriptItem>
  /** Messages that the model has not been shown yet. */
  readonly inbox: ReadonlyArray<RunMessage>
  /** Ids of all messages that the run's end will answer. */
  readonly messages: ReadonlyArray<string>
  readonly call: OpenModelCall | null
  /** Tool calls of the current step. */
  readonly tools: ReadonlyArray<RunTool>
  /** Text of the steps that asked for no tool: the answer so far. */
  readonly answer: string
  /** Failed model calls since the last one that succeeded. */
  readonly failures: number
  /** Resumptions after a crash since the last progress. */
  readonly resumes: number
  /** Steps that were done when the budget of steps last paused the run: from there it is counted anew. */
  readonly budget_from: number
  readonly paused_for: string | null
  readonly outcome: EventPayloads["run.ended"]["outcome"] | null
  readonly error: EventPayloads["run.ended"]["error"]
}

export const initial = (run_id: string): RunState => ({
  run_id,
  status: "none",
  objective: "",
  agent: "",
  model: "",
  trigger: null,
  parent_run_id: null,
  started_at: null,
  step: 0,
  step_open: false,
  transcript: [],
  inbox: [],
  messages: [],
  call: null,
  tools: [],
  answer: "",
  failures: 0,
  resumes: 0,
  budget_from: 0,
  paused_for: null,
  outcome: null,
  error: null
})

export const evolve = (state: RunState, event: Event): RunState => {
  if (event.run_id !== state.run_id) return state
  if (isEvent(event, "run.started")) {
    const { objective, agent, model, trigger, parent_run_id } = event.payload
    // A message that waited in a queue was told before the run began: then the objective is its whole text.
    const queued = trigger.kind === "message" && !state.messages.includes(trigger.message_id)
    const asked =
      trigger.kind === "message"
        ? queued
          ? [{ message_id: trigger.message_id, text: objective }]
          : []
        : [{ message_id: state.run_id, text: objective }]
    return {
      ...state,
      status: "working",
      objective,
      agent,
      model,
      trigger,
      parent_run_id,
      started_at: event.timestamp,
      inbox: [...state.inbox, ...asked],
      messages: queued ? [...state.messages, trigger.message_id] : state.messages
    }
  }
  if (isEvent(event, "chat.user_msg")) {
    const { message_id, text } = event.payload
    return { ...state, inbox: [...state.inbox, { message_id, text }], messages: [...state.messages, message_id] }
  }
  if (isEvent(event, "run.step_started")) {
    return {
      ...state,
      step: event.payload.step,
      step_open: true,
      tools: [],
      inbox: [],
      transcript: [...state.transcript, ...state.inbox.map((message) => ({ kind: "user" as const, ...message }))]
    }
  }
  if (isEvent(event, "model.call_started")) {
    const { call_id, step, attempt, model } = event.payload
    return { ...state, model, call: { call_id, step, attempt, text: "" } }
  }
  if (isEvent(event, "model.text")) {
    if (state.call?.call_id !== event.payload.call_id || event.payload.kind !== "text") return state
    return { ...state, call: { ...state.call, text: state.call.text + event.payload.text } }
  }
  if (isEvent(event, "model.call_ended")) return endCall(state, event.payload)
  if (isEvent(event, "tool.call")) {
    return withTools(state, [...state.tools, { asked: event.payload, started: null, result: null }])
  }
  if (isEvent(event, "tool.started")) {
    const started = event.payload
    return withTools(
      state,
      replaceTool(state.tools, started.call_id, (tool) => ({ ...tool, started }))
    )
  }
  if (isEvent(event, "tool.result")) {
    const result = event.payload
    const tools = replaceTool(state.tools, result.call_id, (tool) => ({ ...tool, result }))
    return { ...withTools(state, tools), resumes: 0 }
  }
  if (isEvent(event, "run.step_ended")) return { ...state, step_open: false, tools: [] }
  if (isEvent(event, "run.paused")) {
    const { by, reason } = event.payload
    const budget_from = by === "budget" ? state.step : state.budget_from
    return { ...state, status: "paused", paused_for: reason, budget_from }
  }
  if (isEvent(event, "run.resumed")) {
    return { ...state, status: "working", paused_for: null, resumes: event.payload.attempt }
  }
  if (isEvent(event, "run.cancel_requested")) return { ...state, status: "stopping" }
  if (isEvent(event, "run.ended")) {
    return { ...state, status: "ended", outcome: event.payload.outcome, error: event.payload.error, call: null }
  }
  return state
}

const endCall = (state: RunState, ended: EventPayloads["model.call_ended"]): RunState => {
  if (state.call?.call_id !== ended.call_id) return state
  // What a failed call said before it broke stays in the log, marked by its end; the model is never shown it.
  if (ended.error !== null) {
    const failures = ended.error.kind === "interrupted" ? state.failures : state.failures + 1
    return { ...state, call: null, failures }
  }
  const text = state.call.text + ended.text
  return {
    ...state,
    call: null,
    failures: 0,
    resumes: 0,
    transcript: [...state.transcript, { kind: "assistant", step: ended.step, text, tools: [] }],
    answer: ended.finish_reason === "tool_calls" || text === "" ? state.answer : joinParagraphs(state.answer, text)
  }
}

const joinParagraphs = (before: string, after: string): string => (before === "" ? after : `${before}\n\n${after}`)

/** The tools of the current step are also those of the transcript's last item. */
const withTools = (state: RunState, tools: ReadonlyArray<RunTool>): RunState => {
  const last = state.transcript.at(-1)
  if (last?.kind !== "assistant") return { ...state, tools }
  return { ...state, tools, transcript: [...state.transcript.slice(0, -1), { ...last, tools }] }
}

const replaceTool = (
  tools: ReadonlyArray<RunTool>,
  call_id: string,
  change: (tool: RunTool) => RunTool
): ReadonlyArray<RunTool> => tools.map((tool) => (tool.asked.call_id === call_id ? change(tool) : tool))
