/**
 * A run's decider: `decide(command, state) → events`, and `owed(state)`: what a run must do next.
 *
 * Law: what starts has exactly one end. A command that comes too late (a call that is over, a run that has ended)
 * decides nothing, so an answer that arrives twice, or after a crash, changes nothing.
 */
import type { Change, EventPayloads } from "../events.ts"
import type { RunState, RunTool } from "./RunState.ts"

/** Events of a run, without their envelope. */
export type RunEvent = Change<RunEventType>

type RunEventType =
  | "chat.user_msg"
  | "chat.assistant_msg"
  | "model.call_started"
  | "model.call_ended"
  | "model.text"
  | "run.cancel_requested"
  | "run.ended"
  | "run.paused"
  | "run.resumed"
  | "run.started"
  | "run.steered"
  | "run.step_ended"
  | "run.step_started"
  | "tool.call"
  | "tool.result"
  | "tool.started"

type ModelFailure = NonNullable<EventPayloads["model.call_ended"]["error"]>

export type RunCommand =
  | {
      readonly _tag: "Start"
      readonly started: EventPayloads["run.started"]
      readonly message: EventPayloads["chat.user_msg"] | null
    }
  | { readonly _tag: "Steer"; readonly message: EventPayloads["chat.user_msg"] }
  | { readonly _tag: "BeginCall"; readonly call_id: string; readonly model: string }
  | { readonly _tag: "Checkpoint"; readonly text: EventPayloads["model.text"] }
  | {
      readonly _tag: "EndCall"
      readonly ended: EventPayloads["model.call_ended"]
      readonly tools: ReadonlyArray<EventPayloads["tool.call"]>
      readonly answer_id: string
      readonly now: number
    }
  | { readonly _tag: "FailCall"; readonly ended: EventPayloads["model.call_ended"] }
  | { readonly _tag: "BeginTool"; readonly started: EventPayloads["tool.started"] }
  | { readonly _tag: "EndTool"; readonly result: EventPayloads["tool.result"] }
  | { readonly _tag: "RequestStop"; readonly reason: string; readonly by: string }
  | { readonly _tag: "Pause"; readonly reason: string; readonly by: string }
  | { readonly _tag: "Resume"; readonly reason: string; readonly attempt: number }
  | { readonly _tag: "Interrupt" }
  | {
      readonly _tag: "End"
      readonly outcome: EventPayloads["run.ended"]["outcome"]
      readonly error: EventPayloads["run.ended"]["error"]
      readonly now: number
    }

export const decide = (command: RunCommand, state: RunState): ReadonlyArray<RunEvent> => {
  switch (command._tag) {
    case "Start": {
      if (state.status !== "none") return []
      const asked: ReadonlyArray<RunEvent> =
        command.message === null ? [] : [{ event_type: "chat.user_msg", payload: command.message }]
      return [...asked, { event_type: "run.started", payload: command.started }]
    }
    case "Steer": {
      if (state.status !== "working" && state.status !== "paused") return []
      const { message_id, text, mode } = command.message
      if (state.messages.includes(message_id)) return []
      return [
        { event_type: "chat.user_msg", payload: command.message },
        { event_type: "run.steered", payload: { message_id, text: excerpt(text), mode } }
      ]
    }
    case "BeginCall": {
      if (state.status !== "working" || state.call !== null) return []
      const { call_id, model } = command
      // A retry stays in its step, unless the user said something meanwhile: the model is shown that at once.
      const step = state.step_open && state.inbox.length === 0 ? state.step : state.step + 1
      const opened: ReadonlyArray<RunEvent> =
        step === state.step ? [] : [...closeStep(state, "error"), { event_type: "run.step_started", payload: { step } }]
      const started = { call_id, step, model, attempt: state.failures + 1 }
      return [...opened, { event_type: "model.call_started", payload: started }]
    }
    case "Checkpoint":
      return state.call?.call_id === command.text.call_id ? [{ event_type: "model.text", payload: command.text }] : []
    case "EndCall":
      return endCall(command, state)
    case "FailCall":
      if (state.call?.call_id !== command.ended.call_id) return []
      return [{ event_type: "model.call_ended", payload: command.ended }]
    case "BeginTool": {
      const tool = findTool(state, command.started.call_id)
      if (tool === undefined || tool.started !== null || tool.result !== null || state.status !== "working") return []
      return [{ event_type: "tool.started", payload: command.started }]
    }
    case "EndTool": {
      const tool = findTool(state, command.result.call_id)
      if (tool === undefined || tool.result !== null) return []
      const open = state.tools.filter((other) => other.result === null)
      const last = open.length === 1
      return [{ event_type: "tool.result", payload: command.result }, ...(last ? closeStep(state, "tool_calls") : [])]
    }
    case "RequestStop": {
      if (state.status !== "working" && state.status !== "paused") return []
      return [{ event_type: "run.cancel_requested", payload: { reason: command.reason, by: command.by } }]
    }
    case "Pause": {
      if (state.status !== "working") return []
      return [...closeCall(state), { event_type: "run.paused", payload: { reason: command.reason, by: command.by } }]
    }
    case "Resume": {
      if (state.status !== "working" && state.status !== "paused") return []
      const { reason, attempt } = command
      return [...closeCall(state), { event_type: "run.resumed", payload: { reason, attempt } }]
    }
    case "Interrupt":
      return state.status === "working" ? closeCall(state) : []
    case "End": {
      if (state.status === "none" || state.status === "ended") return []
      const { outcome, error, now } = command
      const finish = outcome === "failed" ? "error" : "cancelled"
      return [...closeCall(state), ...closeTools(state), ...closeStep(state, finish), ended(state, outcome, error, now)]
    }
  }
}

/** What the run must do next, given that nothing is under way in this process. */
export type Owed =
  | { readonly _tag: "Nothing" }
  | { readonly _tag: "CallModel" }
  /** Asked for, and not started: run it. */
  | { readonly _tag: "RunTool"; readonly tool: RunTool }
  /** Started, and without a result: this process did not see its end, so find out what became of it. */
  | { readonly _tag: "SettleTool"; readonly tool: RunTool }
  | { readonly _tag: "Close" }

export const owed = (state: RunState): ReadonlyArray<Owed> => {
  if (state.status === "stopping") return [{ _tag: "Close" }]
  if (state.status !== "working" || state.call !== null) return []
  const open = state.tools.filter((tool) => tool.result === null)
  if (open.length > 0) {
    return open.map((tool) => ({ _tag: tool.started === null ? ("RunTool" as const) : ("SettleTool" as const), tool }))
  }
  return [{ _tag: "CallModel" }]
}

const endCall = (command: Extract<RunCommand, { _tag: "EndCall" }>, state: RunState): ReadonlyArray<RunEvent> => {
  if (state.call?.call_id !== command.ended.call_id) return []
  const callEnded: RunEvent = { event_type: "model.call_ended", payload: command.ended }
  if (command.tools.length > 0) {
    return [callEnded, ...command.tools.map((payload) => ({ event_type: "tool.call" as const, payload }))]
  }
  const finish = command.ended.finish_reason === "length" ? "length" : "stop"
  const closed: ReadonlyArray<RunEvent> = [
    callEnded,
    { event_type: "run.step_ended", payload: { step: state.step, finish } }
  ]
  // A message that came meanwhile keeps the run alive: the next step shows it to the model.
  if (state.inbox.length > 0 || state.status !== "working") return closed
  const said = state.call.text + command.ended.text
  const text = state.answer === "" || said === "" ? state.answer + said : `${state.answer}\n\n${said}`
  const answer = {
    message_id: command.answer_id,
    text,
    model_used: state.model,
    reply_to: state.messages,
    confidence: null
  }
  return [
    ...closed,
    { event_type: "chat.assistant_msg", payload: answer },
    ended(state, finish === "length" ? "done_with_warnings" : "done", null, command.now)
  ]
}

const closeCall = (state: RunState): ReadonlyArray<RunEvent> => {
  if (state.call === null) return []
  const { call_id, step } = state.call
  const error: ModelFailure = { kind: "interrupted", message: "The model call was interrupted." }
  return [
    {
      event_type: "model.call_ended",
      payload: {
        call_id,
        step,
        finish_reason: "interrupted",
        text: "",
        input_tokens: null,
        output_tokens: null,
        cost: null,
        duration_ms: null,
        error
      }
    }
  ]
}

const closeTools = (state: RunState): ReadonlyArray<RunEvent> =>
  state.tools
    .filter((tool) => tool.result === null)
    .map(({ asked, started }) => ({
      event_type: "tool.result",
      payload: {
        call_id: asked.call_id,
        tool_name: asked.tool_name,
        success: false,
        error: started === null ? "cancelled: not started" : "cancelled: stopped while it ran",
        truncated: false,
        duration_ms: null,
        outcome: "cancelled",
        scope: asked.scope
      }
    }))

const closeStep = (state: RunState, finish: EventPayloads["run.step_ended"]["finish"]): ReadonlyArray<RunEvent> =>
  state.step_open ? [{ event_type: "run.step_ended", payload: { step: state.step, finish } }] : []

const ended = (
  state: RunState,
  outcome: EventPayloads["run.ended"]["outcome"],
  error: EventPayloads["run.ended"]["error"],
  now: number
): RunEvent => ({
  event_type: "run.ended",
  payload: {
    outcome,
    error,
    answered: [...state.messages],
    steps: state.step,
    duration_ms: state.started_at === null ? 0 : Math.max(0, now - Date.parse(state.started_at))
  }
})

const findTool = (state: RunState, call_id: string): RunTool | undefined =>
  state.tools.find((tool) => tool.asked.call_id === call_id)

/** An objective or a steering message is in the log in full with its chat message; beside it an excerpt is enough. */
export const excerpt = (text: string, characters = 200): string =>
  text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
