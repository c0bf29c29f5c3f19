/**
 * A run's decider: `decide(command, state) → events`, and `owed(state)`: what a run must do next.
 *
 * Law: what starts has exactly one end. A command that comes too late (a call that is over, a run that has ended)
 * decides nothing, so an answer that arrives twice, or after a crash, changes nothing.
 */
import type { PlanPart } from "../events/run.ts"
import type { Change, EventPayloads } from "../events.ts"
import { readyParts } from "./plan.ts"
import { isWaiting, type RunState, type RunTask, type RunTool } from "./RunState.ts"

/** Events of a run, without their envelope. */
export type RunEvent = Change<RunEventType>

type RunEventType =
  | "approval.decided"
  | "approval.requested"
  | "budget.raised"
  | "budget.reached"
  | "chat.compacted"
  | "chat.thread_created"
  | "chat.user_msg"
  | "chat.assistant_msg"
  | "model.call_started"
  | "model.call_ended"
  | "model.text"
  | "run.cancel_requested"
  | "question.answered"
  | "question.asked"
  | "membrane.refused"
  | "run.compacted"
  | "run.ended"
  | "run.paused"
  | "run.plan_set"
  | "run.resumed"
  | "run.started"
  | "run.steered"
  | "run.step_ended"
  | "run.step_started"
  | "run.told"
  | "tool.call"
  | "tool.result"
  | "tool.started"
  | "worker.task.cancelled"
  | "worker.task.completed"
  | "worker.task.failed"
  | "worker.task.started"

type ModelFailure = NonNullable<EventPayloads["model.call_ended"]["error"]>

export type RunCommand =
  | {
      readonly _tag: "Start"
      readonly started: EventPayloads["run.started"]
      readonly message: EventPayloads["chat.user_msg"] | null
      /** Where the run has a thread of its own, made with it. */
      readonly thread?: EventPayloads["chat.thread_created"]
      /** Where nobody above it tells that its task has begun. */
      readonly task?: EventPayloads["worker.task.started"]
    }
  | { readonly _tag: "Steer"; readonly message: EventPayloads["chat.user_msg"] }
  | { readonly _tag: "Tell"; readonly told: EventPayloads["run.told"] }
  | {
      readonly _tag: "BeginCall"
      readonly call_id: string
      readonly model: string
      readonly reserved?: EventPayloads["model.call_started"]["reserved"]
      readonly purpose?: "compaction"
    }
  | { readonly _tag: "Checkpoint"; readonly text: EventPayloads["model.text"] }
  | {
      readonly _tag: "EndCall"
      readonly ended: EventPayloads["model.call_ended"]
      readonly tools: ReadonlyArray<EventPayloads["tool.call"]>
      readonly answer_id: string
      readonly now: number
      /** What a check says where the run would end now. */
      readonly check?: Check
    }
  | {
      readonly _tag: "EndCompaction"
      readonly ended: EventPayloads["model.call_ended"]
      readonly compacted: Change<"chat.compacted" | "run.compacted">
    }
  | { readonly _tag: "FailCall"; readonly ended: EventPayloads["model.call_ended"] }
  | { readonly _tag: "RequestApproval"; readonly requested: EventPayloads["approval.requested"] }
  | { readonly _tag: "Decide"; readonly decided: EventPayloads["approval.decided"] }
  | { readonly _tag: "Ask"; readonly asked: EventPayloads["question.asked"] }
  | { readonly _tag: "Answer"; readonly question_id: string; readonly answer: string; readonly by: string }
  | {
      readonly _tag: "Refuse"
      readonly refused: EventPayloads["membrane.refused"]
      readonly result: EventPayloads["tool.result"]
    }
  | { readonly _tag: "BeginTool"; readonly started: EventPayloads["tool.started"] }
  | { readonly _tag: "EndTool"; readonly result: EventPayloads["tool.result"] }
  /** Work begins: as the answer to a call, or as parts of the plan. */
  | {
      readonly _tag: "HandOut"
      readonly tasks: ReadonlyArray<EventPayloads["worker.task.started"]>
      readonly result: EventPayloads["tool.result"] | null
    }
  | { readonly _tag: "EndTask"; readonly ended: TaskEnd }
  | {
      readonly _tag: "SetPlan"
      readonly plan: EventPayloads["run.plan_set"]
      readonly result: EventPayloads["tool.result"] | null
    }
  | { readonly _tag: "ReachCap"; readonly cap: EventPayloads["budget.reached"]; readonly reason: string }
  | { readonly _tag: "Raise"; readonly raised: EventPayloads["budget.raised"] }
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

/** How a task ended. */
export type TaskEnd = Change<"worker.task.completed" | "worker.task.failed" | "worker.task.cancelled">

export interface Check {
  readonly evidence: EventPayloads["run.ended"]["evidence"]
  /** `again`: the run goes on with these words. */
  readonly verdict:
    | { readonly _tag: "Passed" }
    | { readonly _tag: "Again"; readonly told: EventPayloads["run.told"] }
    | {
        readonly _tag: "Outcome"
        readonly outcome: EventPayloads["run.ended"]["outcome"]
        readonly error: EventPayloads["run.ended"]["error"]
      }
}

export const decide = (command: RunCommand, state: RunState): ReadonlyArray<RunEvent> => {
  switch (command._tag) {
    case "Start": {
      if (state.status !== "none") return []
      const asked: ReadonlyArray<RunEvent> =
        command.message === null ? [] : [{ event_type: "chat.user_msg", payload: command.message }]
      const { thread } = command
      const made: ReadonlyArray<RunEvent> =
        thread === undefined ? [] : [{ event_type: "chat.thread_created", payload: thread }]
      const { task } = command
      const begun: ReadonlyArray<RunEvent> =
        task === undefined ? [] : [{ event_type: "worker.task.started", payload: task }]
      return [...made, ...asked, { event_type: "run.started", payload: command.started }, ...begun]
    }
    case "Tell": {
      if (isOver(state)) return []
      const { message_id } = command.told
      if (state.told.includes(message_id)) return []
      return [{ event_type: "run.told", payload: command.told }]
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
      const { call_id, model, purpose, reserved } = command
      const extra = { ...(reserved === undefined ? {} : { reserved }) }
      if (purpose !== undefined) {
        const payload = { call_id, step: state.step, model, attempt: 1, purpose, ...extra }
        return [{ event_type: "model.call_started", payload }]
      }
      // What its last call has asked for comes first: its results are what the next one is shown.
      if (state.tools.some((tool) => tool.result === null)) return []
      // A retry stays in its step, unless the user said something meanwhile: the model is shown that at once.
      const step = state.step_open && state.inbox.length === 0 ? state.step : state.step + 1
      const opened: ReadonlyArray<RunEvent> =
        step === state.step ? [] : [...closeStep(state, "error"), { event_type: "run.step_started", payload: { step } }]
      const started = { call_id, step, model, attempt: state.failures + 1, ...extra }
      return [...opened, { event_type: "model.call_started", payload: started }]
    }
    case "Checkpoint":
      return state.call?.call_id === command.text.call_id ? [{ event_type: "model.text", payload: command.text }] : []
    case "EndCall":
      return endCall(command, state)
    case "EndCompaction":
      if (state.call?.call_id !== command.ended.call_id) return []
      return [{ event_type: "model.call_ended", payload: command.ended }, command.compacted]
    case "FailCall":
      if (state.call?.call_id !== command.ended.call_id) return []
      return [{ event_type: "model.call_ended", payload: command.ended }]
    case "BeginTool": {
      const tool = findTool(state, command.started.call_id)
      if (tool === undefined || tool.started !== null || tool.result !== null || state.status !== "working") return []
      return [{ event_type: "tool.started", payload: command.started }]
    }
    case "RequestApproval": {
      const tool = findTool(state, command.requested.call_id)
      if (tool === undefined || tool.started !== null || tool.result !== null) return []
      // Asked again only where what was allowed is not what would be done by now.
      if (state.status !== "working" || (tool.approval !== null && tool.approval.decided === null)) return []
      return [{ event_type: "approval.requested", payload: command.requested }]
    }
    case "Decide": {
      const tool = findTool(state, command.decided.call_id)
      const asked = tool?.approval
      if (tool === undefined || asked === undefined || asked === null || asked.decided !== null) return []
      if (tool.result !== null || asked.requested.request_hash !== command.decided.request_hash) return []
      const decided: RunEvent = { event_type: "approval.decided", payload: command.decided }
      return command.decided.decision === "deny"
        ? [decided, ...withdraw({ ...tool, approval: null }), ...endTool(state, denied(tool, command.decided.note))]
        : [decided]
    }
    case "Ask": {
      const tool = command.asked.call_id === null ? undefined : findTool(state, command.asked.call_id)
      if (tool === undefined || tool.question !== null || tool.result !== null || state.status !== "working") return []
      return [{ event_type: "question.asked", payload: command.asked }]
    }
    case "Answer": {
      const tool = state.tools.find((one) => one.question?.question_id === command.question_id)
      if (tool === undefined || tool.result !== null) return []
      const { answer, by, question_id } = command
      return [
        { event_type: "question.answered", payload: { question_id, call_id: tool.asked.call_id, answer, by } },
        ...withdraw({ ...tool, question: null }),
        ...endTool(state, resultOf(tool, { success: true, output: answer, outcome: "ok" }))
      ]
    }
    case "Refuse": {
      const refused: RunEvent = { event_type: "membrane.refused", payload: command.refused }
      const result = settle(state, command.result)
      return result.length === 0 ? [] : [refused, ...result]
    }
    case "EndTool":
      return settle(state, command.result)
    case "HandOut": {
      if (state.status !== "working") return []
      if (command.result !== null && endTool(state, command.result).length === 0) return []
      const known = new Set(state.tasks.map((task) => task.task_id))
      const begun = command.tasks
        .filter((task) => !known.has(task.task_id))
        .map((payload): RunEvent => ({ event_type: "worker.task.started", payload }))
      return [...begun, ...(command.result === null ? [] : settle(state, command.result))]
    }
    case "EndTask": {
      const { task_id } = command.ended.payload
      const open = state.tasks.some((task) => task.task_id === task_id && task.status === "open")
      return open && state.status !== "ended" ? [command.ended] : []
    }
    case "SetPlan": {
      if (isOver(state)) return []
      if (command.plan.revision !== (state.plan?.revision ?? 0) + 1) return []
      const result = command.result === null ? [] : settle(state, command.result)
      const shown: ReadonlyArray<RunEvent> =
        state.review_plan && command.plan.call_id !== null && state.status === "working"
          ? [{ event_type: "run.paused", payload: { reason: planWaits, by: "plan" } }]
          : []
      return [{ event_type: "run.plan_set", payload: command.plan }, ...result, ...shown]
    }
    case "ReachCap": {
      if (state.status !== "working") return []
      return [
        { event_type: "budget.reached", payload: command.cap },
        { event_type: "run.paused", payload: { reason: command.reason, by: "budget" } }
      ]
    }
    case "Raise":
      return isOver(state) ? [] : [{ event_type: "budget.raised", payload: command.raised }]
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
      // First: how long nothing was done is told by the event before it.
      return [{ event_type: "run.resumed", payload: { reason, attempt } }, ...closeCall(state)]
    }
    case "Interrupt":
      return state.status === "working" ? closeCall(state) : []
    case "End": {
      if (state.status === "none" || state.status === "ended") return []
      const { outcome, error, now } = command
      const finish = outcome === "failed" ? "error" : "cancelled"
      return [
        ...closeCall(state),
        ...closeTools(state),
        ...closeStep(state, finish),
        ...closeTasks(state, now),
        ...ended(state, outcome, error, now, state.answer)
      ]
    }
  }
}

/** What the run must do next, given that nothing is under way in this process. */
export type Owed =
  | { readonly _tag: "CallModel" }
  /** Asked for, and not started: run it, as far as the rules allow. */
  | { readonly _tag: "RunTool"; readonly tool: RunTool }
  /** Started, and without a result: this process did not see its end, so find out what became of it. */
  | { readonly _tag: "SettleTool"; readonly tool: RunTool }
  /** A person has to decide, or to answer. */
  | { readonly _tag: "AwaitPerson"; readonly tool: RunTool }
  | { readonly _tag: "BeginPart"; readonly part: PlanPart }
  | { readonly _tag: "Close" }

/** Nothing is owed by a run that is paused, or that waits for the work that it handed out. */
export const owed = (state: RunState): ReadonlyArray<Owed> => {
  const open = state.tasks.some((task) => task.status === "open")
  if (state.status === "stopping") return open ? [] : [{ _tag: "Close" }]
  if (state.status !== "working" || state.call !== null) return []
  const parts = readyParts(state).map((part) => ({ _tag: "BeginPart" as const, part }))
  const tools = state.tools.filter((tool) => tool.result === null)
  if (tools.length > 0) return [...parts, ...tools.map((tool) => ({ _tag: owedTo(tool), tool }))]
  // Results of handed-out work wait for each other, so that one call sees them together; what is said wakes at once.
  const spoken = state.inbox.some((message) => message.kind !== "task")
  const waits = state.turn_over && (open || parts.length > 0) && !spoken
  return waits ? parts : [...parts, { _tag: "CallModel" }]
}

const owedTo = (tool: RunTool): "AwaitPerson" | "RunTool" | "SettleTool" => {
  if (tool.started !== null) return "SettleTool"
  return isWaiting(tool) ? "AwaitPerson" : "RunTool"
}

const isOver = (state: RunState): boolean => state.status !== "working" && state.status !== "paused"

const planWaits = "The plan is there: edit it, or let the run go on"

const endTool = (state: RunState, result: EventPayloads["tool.result"]): ReadonlyArray<RunEvent> => {
  const tool = findTool(state, result.call_id)
  if (tool === undefined || tool.result !== null) return []
  const open = state.tools.filter((other) => other.result === null)
  const last = open.length === 1
  return [{ event_type: "tool.result", payload: result }, ...(last ? closeStep(state, "tool_calls") : [])]
}

/** Ends a call that nobody has decided about, where somebody still could. */
const settle = (state: RunState, result: EventPayloads["tool.result"]): ReadonlyArray<RunEvent> => {
  const tool = findTool(state, result.call_id)
  const ended = endTool(state, result)
  return tool === undefined || ended.length === 0 ? ended : [...withdraw(tool), ...ended]
}

const resultOf = (
  { asked }: RunTool,
  how: Pick<EventPayloads["tool.result"], "success" | "output" | "error" | "outcome">
): EventPayloads["tool.result"] => ({
  call_id: asked.call_id,
  tool_name: asked.tool_name,
  truncated: false,
  duration_ms: null,
  scope: asked.scope,
  ...how
})

const denied = (tool: RunTool, note: string | null): EventPayloads["tool.result"] => {
  const why = note === null || note.trim() === "" ? "" : ` They said: ${note}`
  return resultOf(tool, {
    success: false,
    error: `denied: the user did not allow this.${why}`,
    outcome: "denied"
  })
}

const endCall = (command: Extract<RunCommand, { _tag: "EndCall" }>, state: RunState): ReadonlyArray<RunEvent> => {
  if (state.call?.call_id !== command.ended.call_id) return []
  const callEnded: RunEvent = { event_type: "model.call_ended", payload: command.ended }
  // A summary is no step, and asks for nothing.
  if (state.call.purpose === "compaction") return [callEnded]
  if (command.tools.length > 0) {
    return [callEnded, ...command.tools.map((payload) => ({ event_type: "tool.call" as const, payload }))]
  }
  const finish = command.ended.finish_reason === "length" ? "length" : "stop"
  const closed: ReadonlyArray<RunEvent> = [
    callEnded,
    { event_type: "run.step_ended", payload: { step: state.step, finish } }
  ]
  if (!endsWithTurn(state)) return closed
  const verdict = command.check?.verdict
  if (verdict?._tag === "Again") return [...closed, { event_type: "run.told", payload: verdict.told }]
  const said = state.call.text + command.ended.text
  const text = state.answer === "" || said === "" ? state.answer + said : `${state.answer}\n\n${said}`
  const answer = {
    message_id: command.answer_id,
    text,
    model_used: state.model,
    reply_to: state.messages,
    confidence: null
  }
  const [outcome, error] =
    verdict?._tag === "Outcome"
      ? [verdict.outcome, verdict.error]
      : [finish === "length" ? ("done_with_warnings" as const) : ("done" as const), null]
  return [
    ...closed,
    { event_type: "chat.assistant_msg", payload: answer },
    ...ended(state, outcome, error, command.now, text, command.check?.evidence)
  ]
}

/**
 * Whether the run ends when its model has no more to ask for. A message that came meanwhile keeps it alive (the next step
 * shows it to the model), and so does work that it handed out or still has to.
 */
export const endsWithTurn = (state: RunState): boolean =>
  state.inbox.length === 0 &&
  state.status === "working" &&
  state.tasks.every((task) => task.status !== "open") &&
  readyParts(state).length === 0

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
  state.tools.flatMap((tool): ReadonlyArray<RunEvent> => {
    if (tool.result !== null) return []
    const error = tool.started === null ? "cancelled: not started" : "cancelled: stopped while it ran"
    return [
      ...withdraw(tool),
      { event_type: "tool.result", payload: resultOf(tool, { success: false, error, outcome: "cancelled" }) }
    ]
  })

/** What waits for a person when the run ends, waits no longer, and says so. */
const withdraw = ({ approval, asked, question }: RunTool): ReadonlyArray<RunEvent> => {
  const { call_id } = asked
  const events: Array<RunEvent> = []
  if (approval !== null && approval.decided === null) {
    const { approval_id, request_hash } = approval.requested
    const decided = { approval_id, call_id, decision: "withdrawn" as const, request_hash, by: "system" }
    events.push({ event_type: "approval.decided", payload: { ...decided, pattern: null, tool_args: null, note: null } })
  }
  if (question !== null) {
    const { question_id } = question
    events.push({ event_type: "question.answered", payload: { question_id, call_id, answer: null, by: "system" } })
  }
  return events
}

const closeTasks = (state: RunState, now: number): ReadonlyArray<RunEvent> =>
  state.tasks
    .filter((task) => task.status === "open")
    .map((task) => ({
      event_type: "worker.task.cancelled",
      payload: { ...taskEnded(state, task, now), status: "cancelled", error: "the run that handed it out has ended" }
    }))

/** What every end of a task says. */
export const taskEnded = (
  state: RunState,
  task: Pick<RunTask, "task_id" | "part_id" | "call_id" | "agent" | "objective" | "started_at">,
  now: number
) => ({
  task_id: task.task_id,
  correlation_id: state.run_id,
  kind: "agent" as const,
  objective: excerpt(task.objective),
  agent: task.agent,
  ...(task.call_id === null ? {} : { call_id: task.call_id }),
  ...(task.part_id === null ? {} : { part_id: task.part_id }),
  started_at: task.started_at,
  attempt: 1,
  finished_at: new Date(now).toISOString(),
  duration_ms: Math.max(0, now - Date.parse(task.started_at))
})

const closeStep = (state: RunState, finish: EventPayloads["run.step_ended"]["finish"]): ReadonlyArray<RunEvent> =>
  state.step_open ? [{ event_type: "run.step_ended", payload: { step: state.step, finish } }] : []

const ended = (
  state: RunState,
  outcome: EventPayloads["run.ended"]["outcome"],
  error: EventPayloads["run.ended"]["error"],
  now: number,
  answer: string,
  evidence?: EventPayloads["run.ended"]["evidence"]
): ReadonlyArray<RunEvent> => [
  ...endOwnTask(state, outcome, error, now, answer),
  {
    event_type: "run.ended",
    payload: {
      outcome,
      error,
      ...(evidence === undefined ? {} : { evidence }),
      answered: [...state.messages],
      steps: state.step,
      duration_ms: state.started_at === null ? 0 : Math.max(0, now - Date.parse(state.started_at))
    }
  }
]

/** A task that no run has handed out tells of its end itself; of any other the run above tells. */
const endOwnTask = (
  state: RunState,
  outcome: EventPayloads["run.ended"]["outcome"],
  error: EventPayloads["run.ended"]["error"],
  now: number,
  answer: string
): ReadonlyArray<RunEvent> => {
  if (state.trigger?.kind !== "task" || state.parent_run_id !== null) return []
  const { run_id: task_id, agent, objective } = state
  const started_at = state.started_at ?? new Date(now).toISOString()
  const task: Pick<RunTask, "task_id" | "part_id" | "call_id" | "agent" | "objective" | "started_at"> = {
    task_id,
    part_id: null,
    call_id: null,
    agent,
    objective,
    started_at
  }
  return [taskEnd(taskEnded(state, task, now), outcome, error, answer)]
}

/** A run's outcome as that of the task that it was. */
export const taskEnd = (
  common: ReturnType<typeof taskEnded>,
  outcome: EventPayloads["run.ended"]["outcome"],
  error: EventPayloads["run.ended"]["error"],
  output: string
): TaskEnd => {
  if (outcome === "done" || outcome === "done_with_warnings") {
    return { event_type: "worker.task.completed", payload: { ...common, status: "completed", output } }
  }
  const why = error?.message ?? outcome
  return outcome === "stopped"
    ? { event_type: "worker.task.cancelled", payload: { ...common, status: "cancelled", error: why } }
    : { event_type: "worker.task.failed", payload: { ...common, status: "failed", error: why, output } }
}

const findTool = (state: RunState, call_id: string): RunTool | undefined =>
  state.tools.find((tool) => tool.asked.call_id === call_id)

/** An objective or a steering message is in the log in full with its chat message; beside it an excerpt is enough. */
export const excerpt = (text: string, characters = 200): string =>
  text.length <= characters ? text : `${text.slice(0, characters - 1)}…`
