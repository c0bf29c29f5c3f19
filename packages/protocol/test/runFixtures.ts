/** Commands to a run, and what they come to, for tests as given / when / then. */
import type { Event } from "../src/Event.ts"
import type { PlanPart } from "../src/events/run.ts"
import { catalog, type EventPayloads } from "../src/events.ts"
import { decide, type RunCommand, type RunEvent, type TaskEnd, taskEnd, taskEnded } from "../src/run/decide.ts"
import { evolve, initial, type RunState } from "../src/run/RunState.ts"

export const scope = { session_id: "s", thread_id: "t" }
export const beginning = "2026-01-01T00:00:00.000Z"
export const now = Date.parse("2026-01-01T00:00:01.000Z")

export const started = (over: Partial<EventPayloads["run.started"]> = {}): EventPayloads["run.started"] => ({
  objective: "do it",
  agent: "conductor",
  model: "demo",
  trigger: { kind: "message", message_id: "m1" },
  parent_run_id: null,
  ...over
})

const message = (message_id: string) => ({
  message_id,
  text: `text of ${message_id}`,
  client_message_id: null,
  mode: "steer" as const
})

const ended = (call_id: string, over: Partial<EventPayloads["model.call_ended"]> = {}) => ({
  call_id,
  step: 1,
  finish_reason: "stop",
  text: "done",
  input_tokens: 1,
  output_tokens: 1,
  cost: null,
  duration_ms: 5,
  error: null,
  ...over
})

export const start = (over: Partial<EventPayloads["run.started"]> = {}): RunCommand => ({
  _tag: "Start",
  started: started(over),
  message: message("m1")
})
export const begin = (call_id: string): RunCommand => ({ _tag: "BeginCall", call_id, model: "demo" })
export const end = (
  call_id: string,
  tools: ReadonlyArray<string> = [],
  more: Partial<Extract<RunCommand, { _tag: "EndCall" }>> = {}
): RunCommand => ({
  _tag: "EndCall",
  ended: ended(call_id, tools.length > 0 ? { finish_reason: "tool_calls" } : {}),
  tools: tools.map((id) => ({ call_id: id, step: 1, tool_name: "bash", tool_args: "{}", reasoning: null, scope })),
  answer_id: call_id,
  now,
  ...more
})
export const fail = (call_id: string): RunCommand => ({
  _tag: "FailCall",
  ended: ended(call_id, { error: { kind: "server", message: "broken" }, finish_reason: "error" })
})
export const compacting = (call_id: string): RunCommand => ({
  _tag: "BeginCall",
  call_id,
  model: "demo",
  purpose: "compaction"
})
export const compacted = (call_id: string, upto_step: number): RunCommand => ({
  _tag: "EndCompaction",
  ended: ended(call_id),
  compacted: {
    event_type: "run.compacted",
    payload: { upto_step, summary: "in short", tokens_before: 10, tokens_after: 1 }
  }
})
export const resultOf = (call_id: string, output = "text"): EventPayloads["tool.result"] => ({
  call_id,
  tool_name: "bash",
  success: true,
  output,
  truncated: false,
  duration_ms: 1,
  scope
})
export const endTool = (call_id: string, output?: string): RunCommand => ({
  _tag: "EndTool",
  result: resultOf(call_id, output)
})
export const beginTool = (call_id: string): RunCommand => ({
  _tag: "BeginTool",
  started: { call_id, tool_name: "bash", effect: "other" }
})
export const request = (call_id: string, approval_id = `a-${call_id}`): RunCommand => ({
  _tag: "RequestApproval",
  requested: {
    approval_id,
    call_id,
    agent: "conductor",
    tool_name: "bash",
    tool_args: "{}",
    request_hash: `hash-${approval_id}`,
    intent: "Run it",
    effect: null,
    dangerous: [],
    tiers: ["shell"],
    pattern: "ls *",
    reason: null,
    rule: null
  }
})
export const decided = (
  call_id: string,
  decision: EventPayloads["approval.decided"]["decision"],
  over: Partial<EventPayloads["approval.decided"]> = {}
): RunCommand => ({
  _tag: "Decide",
  decided: {
    approval_id: `a-${call_id}`,
    call_id,
    decision,
    pattern: null,
    tool_args: null,
    note: null,
    request_hash: `hash-a-${call_id}`,
    by: "user",
    ...over
  }
})
export const ask = (call_id: string): RunCommand => ({
  _tag: "Ask",
  asked: { question_id: `q-${call_id}`, call_id, agent: "conductor", text: "Which?", choices: [] }
})
export const answer = (call_id: string): RunCommand => ({
  _tag: "Answer",
  question_id: `q-${call_id}`,
  answer: "That one",
  by: "user"
})
export const refuse = (call_id: string): RunCommand => ({
  _tag: "Refuse",
  refused: { agent: "conductor", act: "tool", target: "bash", reason: "no", call_id },
  result: { ...resultOf(call_id), success: false, error: "refused: no", outcome: "denied" }
})
export const handOut = (
  task_id: string,
  more: { readonly part_id?: string; readonly call_id?: string } = {}
): RunCommand => ({
  _tag: "HandOut",
  tasks: [
    {
      task_id,
      correlation_id: "run",
      kind: "agent",
      objective: `work of ${task_id}`,
      agent: "research",
      started_at: beginning,
      deadline: "2026-01-01T01:00:00.000Z",
      attempt: 1,
      status: "running",
      ...more
    }
  ],
  result: more.call_id === undefined ? null : resultOf(more.call_id)
})
export const taskOver = (
  state: RunState,
  task_id: string,
  outcome: EventPayloads["run.ended"]["outcome"] = "done"
): RunCommand => {
  const task = state.tasks.find((one) => one.task_id === task_id)
  const whole = { task_id, part_id: null, call_id: null, agent: "research", objective: "", started_at: beginning }
  const over: TaskEnd = taskEnd(taskEnded(state, task ?? whole, now), outcome, null, `found by ${task_id}`)
  return { _tag: "EndTask", ended: over }
}
export const part = (id: string, after: ReadonlyArray<string> = []): PlanPart => ({
  id,
  objective: `part ${id}`,
  agent: "research",
  after
})
export const plan = (revision: number, parts: ReadonlyArray<PlanPart>, call_id: string | null = null): RunCommand => ({
  _tag: "SetPlan",
  plan: { revision, parts, call_id, by: "conductor" },
  result: call_id === null ? null : resultOf(call_id)
})
export const steer = (id: string): RunCommand => ({ _tag: "Steer", message: message(id) })
export const tell = (message_id: string): RunCommand => ({
  _tag: "Tell",
  told: { message_id, text: "psst", from: { kind: "note", name: "code", run_id: "other" } }
})
export const cap: RunCommand = {
  _tag: "ReachCap",
  cap: { scope: "run", subject: "run", kind: "steps", limit: 5, used: 5 },
  reason: "5 steps are used up"
}
export const raise = (limit: number): RunCommand => ({
  _tag: "Raise",
  raised: { scope: "run", subject: "run", kind: "steps", limit, previous: 5, by: "user" }
})
export const stop: RunCommand = { _tag: "RequestStop", reason: "asked", by: "me" }
export const pause: RunCommand = { _tag: "Pause", reason: "lunch", by: "me" }
export const resume = (attempt = 0): RunCommand => ({ _tag: "Resume", reason: "back", attempt })
export const close: RunCommand = { _tag: "End", outcome: "stopped", error: null, now }

let seq = 0
/** A change as the log would have it. */
export const stored = (change: RunEvent, timestamp = beginning): Event => ({
  seq: ++seq,
  event_id: String(seq),
  timestamp,
  version: catalog.get(change.event_type)?.version ?? 1,
  actor_id: "a",
  user_id: "u",
  session_id: "s",
  thread_id: "t",
  run_id: "run",
  correlation_id: null,
  causation_id: null,
  ...change
})

export type Said = RunCommand | ((state: RunState) => RunCommand) | { readonly at: string }

/** Commands one after another; `{ at }` sets the time of those after it. */
export const given = (...said: ReadonlyArray<Said>) => {
  let state = initial("run")
  let at = beginning
  const events: Array<Event> = []
  for (const one of said) {
    if (typeof one !== "function" && "at" in one) {
      at = one.at
      continue
    }
    const decidedNow = decide(typeof one === "function" ? one(state) : one, state).map((change) => stored(change, at))
    events.push(...decidedNow)
    state = decidedNow.reduce(evolve, state)
  }
  return { state, events, types: events.map((event) => event.event_type) }
}

export const when = (state: RunState, command: RunCommand): ReadonlyArray<string> =>
  decide(command, state).map((event) => event.event_type)
