/**
 * One run's card: where it stands, what it is doing and what it said last, as a fold over its events.
 *
 * Law: the phase is the one that the run's own state has after the same events; an event that was folded in before
 * changes nothing; what one event costs does not grow with the run.
 */
import type { Event } from "../Event.ts"
import type { Budget } from "../events/run.ts"
import { isEvent } from "../events.ts"
import type { RunSummary } from "../http/runs.ts"
import { ownObjective } from "../run/objective.ts"
import { phaseBy, type RunPhase } from "../run/phase.ts"
import { budgetField } from "../run/RunState.ts"
import { matcher } from "../Topic.ts"
import { lastLines, plainLine } from "./lines.ts"
import { toolPhrase } from "./phrase.ts"
import type { CardDoing, CardPosition, CardTask, CardTool } from "./position.ts"

export interface ChoirCard {
  readonly run_id: string
  readonly parent_run_id: string | null
  readonly actor_id: string
  readonly session_id: string | null
  readonly thread_id: string | null
  readonly objective: string
  readonly agent: string
  readonly model: string
  readonly phase: RunPhase
  /** Why it is paused, or what went wrong. */
  readonly reason: string | null
  readonly started_at: string | null
  readonly ended_at: string | null
  readonly steps: number
  /** `cost` in US dollars, of the calls whose price is known. */
  readonly spent: { readonly calls: number; readonly tokens: number; readonly cost: number }
  readonly budget: Budget
  /** "Running" and "npm test"; null where it does nothing now. */
  readonly doing: CardDoing | null
  /** The last two short lines of what it said or got. */
  readonly lines: ReadonlyArray<string>
  /** `call_id`s that wait for a person. */
  readonly waiting: ReadonlyArray<string>
  /** Open tasks that it waits on: each is the `run_id` of who does it. */
  readonly tasks: ReadonlyArray<string>
  readonly plan: { readonly total: number; readonly done: number } | null
  readonly last_seq: number
  readonly last_at: string
  readonly position: CardPosition
}

/** The event types that a card is folded from, as patterns. */
export const choirTopics: ReadonlyArray<string> = [
  "run.*",
  "model.*",
  "tool.*",
  "worker.task.*",
  "approval.*",
  "question.*",
  "budget.*",
  "membrane.*",
  "chat.user_msg",
  "chat.assistant_msg"
]

const matches = matcher(choirTopics)
const known = new Map<string, boolean>()
/** Types are few: each is matched once. */
export const isChoirType = (event_type: string): boolean => {
  const answer = known.get(event_type)
  if (answer !== undefined) return answer
  const found = matches(event_type)
  if (known.size < 1_024) known.set(event_type, found)
  return found
}

/** What a retry or a fork takes over. */
export type Inherited = Pick<CardPosition, "parts" | "tasks" | "turn_over">
const nothing: Inherited = { parts: null, tasks: [], turn_over: false }

/** Characters of what is being said that are kept. */
const keptTail = 800

/** The card of a run that begins with this event; null for any other event. */
export const beginCard = (event: Event, inherited: Inherited = nothing): ChoirCard | null => {
  const { actor_id, run_id, session_id, thread_id } = event
  if (run_id === null || !isEvent(event, "run.started")) return null
  const { agent, budget, model, objective, parent_run_id, paused } = event.payload
  const position: CardPosition = {
    ...inherited,
    status: paused === true ? "paused" : "working",
    outcome: null,
    call: null,
    failed: false,
    tools: [],
    planned_in: inherited.parts === null ? null : 0,
    tail: null
  }
  return derived({
    run_id,
    parent_run_id,
    actor_id,
    session_id,
    thread_id,
    objective: ownObjective(objective),
    agent,
    model,
    phase: "queued",
    reason: paused === true ? "It was started so" : null,
    started_at: event.timestamp,
    ended_at: null,
    steps: 0,
    spent: { calls: 0, tokens: 0, cost: 0 },
    budget: budget ?? {},
    doing: null,
    lines: [],
    waiting: [],
    tasks: [],
    plan: null,
    last_seq: event.seq,
    last_at: event.timestamp,
    position
  })
}

/** What a run that goes on from another one takes over, as far as the other's card tells. */
export const inheritedFrom = (event: Event, of: (run_id: string) => ChoirCard | undefined): Inherited => {
  if (!isEvent(event, "run.started")) return nothing
  const { trigger } = event.payload
  if ((trigger.kind !== "retry" && trigger.kind !== "fork") || trigger.from_step <= 1) return nothing
  const position = of(trigger.of_run)?.position
  if (position === undefined) return nothing
  const hadPlan = position.planned_in !== null && position.planned_in < trigger.from_step
  const tasks = position.tasks.filter((task) => task.status === "completed")
  return { parts: hadPlan ? position.parts : null, tasks, turn_over: false }
}

/** The card after an event of its run; the same card where the event says nothing new. */
export const evolveCard = (card: ChoirCard, event: Event): ChoirCard => {
  if (event.run_id !== card.run_id || event.seq <= card.last_seq || !isChoirType(event.event_type)) return card
  const next = changed(card, event)
  return derived({ ...next, last_seq: event.seq, last_at: event.timestamp })
}

/** The card that a summary of the run stands for. */
export const cardOf = ({ card, ...summary }: RunSummary): ChoirCard => {
  const { actor_id, agent, ended_at, model, parent_run_id, phase, reason } = summary
  const objective = ownObjective(summary.objective)
  const { run_id, session_id, spent, started_at, steps, thread_id } = summary
  const told = { actor_id, agent, ended_at, model, objective, parent_run_id, phase, reason }
  const rest = { run_id, session_id, spent, started_at, steps, thread_id }
  return derived({ ...told, ...rest, ...card, waiting: [], tasks: [], plan: null })
}

/** What is told of a run over HTTP. */
export const summaryOf = (card: ChoirCard): RunSummary => {
  const { budget, doing, last_at, last_seq, lines, plan: _, position, tasks: __, waiting: ___, ...told } = card
  return { ...told, card: { last_seq, last_at, budget, doing, lines, position } }
}

const moved = (card: ChoirCard, position: Partial<CardPosition>, more: Partial<ChoirCard> = {}): ChoirCard => ({
  ...card,
  ...more,
  position: { ...card.position, ...position }
})

const changed = (card: ChoirCard, event: Event): ChoirCard => {
  const { position } = card
  const at = event.timestamp
  if (isEvent(event, "model.text")) {
    const { call_id, kind, text } = event.payload
    if (kind !== "text" || position.call?.call_id !== call_id) return card
    return saying(card, call_id, text, at)
  }
  if (isEvent(event, "run.step_started")) {
    return moved(card, { tools: [], turn_over: false }, { steps: event.payload.step })
  }
  if (isEvent(event, "run.step_ended")) {
    const { finish } = event.payload
    return moved(card, { tools: [], turn_over: finish === "stop" || finish === "length" })
  }
  if (isEvent(event, "model.call_started")) {
    const { call_id, model, purpose } = event.payload
    const call = { call_id, compacts: purpose === "compaction", since: at, writing_since: null }
    return moved(card, { call, failed: false }, { model })
  }
  if (isEvent(event, "model.call_ended")) {
    const { call_id, cost, error, input_tokens, output_tokens, text } = event.payload
    if (position.call?.call_id !== call_id) return card
    const said = text === "" ? card : saying(card, call_id, text, at)
    const { spent } = card
    const failed = error !== null && error.kind !== "interrupted"
    return moved(
      said,
      { call: null, failed, tail: null },
      {
        spent: {
          calls: spent.calls + 1,
          tokens: spent.tokens + (input_tokens ?? 0) + (output_tokens ?? 0),
          cost: spent.cost + (cost ?? 0)
        }
      }
    )
  }
  if (isEvent(event, "tool.call")) {
    const { call_id, tool_args, tool_name } = event.payload
    const phrase = toolPhrase(tool_name, tool_args)
    const tool = { ...phrase, call_id, since: at, approval: null, asks: false, started: false, done: false }
    return moved(card, { tools: [...position.tools, tool] })
  }
  if (isEvent(event, "tool.started")) {
    const { call_id, tool_args, tool_name } = event.payload
    const object = tool_args === undefined ? {} : { object: toolPhrase(tool_name, tool_args).object }
    return withTool(card, call_id, { started: true, since: at, ...object })
  }
  if (isEvent(event, "tool.result")) {
    const { call_id, error, output } = event.payload
    return got(withTool(card, call_id, { done: true }), output === undefined || output === "" ? error : output)
  }
  if (event.event_type.startsWith("run.")) return changedAsRun(card, event)
  if (event.event_type.startsWith("worker.task.")) return changedByTask(card, event)
  return changedByPerson(card, event)
}

const changedAsRun = (card: ChoirCard, event: Event): ChoirCard => {
  if (isEvent(event, "run.paused")) return moved(card, { status: "paused" }, { reason: event.payload.reason })
  if (isEvent(event, "run.resumed")) return moved(card, { status: "working" }, { reason: null })
  if (isEvent(event, "run.cancel_requested")) return moved(card, { status: "stopping" }, { reason: null })
  if (isEvent(event, "run.ended")) {
    const { error, outcome } = event.payload
    const ended = { status: "ended", outcome, call: null, tail: null } as const
    return moved(card, ended, { reason: error?.message ?? null, ended_at: event.timestamp })
  }
  if (isEvent(event, "run.plan_set")) {
    const parts = event.payload.parts.map(({ id }) => id)
    return moved(card, { parts, planned_in: card.position.planned_in ?? card.steps })
  }
  return card
}

const changedByTask = (card: ChoirCard, event: Event): ChoirCard => {
  const { tasks } = card.position
  if (isEvent(event, "worker.task.started")) {
    const { agent, kind, part_id, task_id } = event.payload
    if (kind !== "agent" || task_id === card.run_id) return card
    const task: CardTask = { task_id, part_id: part_id ?? null, agent: plainLine(agent ?? "", 60), status: "open" }
    return moved(card, { tasks: [...tasks, task] })
  }
  for (const type of ["worker.task.completed", "worker.task.failed", "worker.task.cancelled"] as const) {
    if (!isEvent(event, type)) continue
    const { payload } = event
    const task = tasks.find(({ task_id }) => task_id === payload.task_id)
    if (task?.status !== "open") return card
    const over = moved(card, { tasks: tasks.map((one) => (one === task ? { ...one, status: payload.status } : one)) })
    const error = "error" in payload ? payload.error : undefined
    return got(over, error ?? ("output" in payload ? payload.output : undefined))
  }
  return card
}

const changedByPerson = (card: ChoirCard, event: Event): ChoirCard => {
  if (isEvent(event, "approval.requested")) return withTool(card, event.payload.call_id, { approval: "open" })
  if (isEvent(event, "approval.decided")) {
    const { call_id } = event.payload
    const tool = card.position.tools.find((one) => one.call_id === call_id)
    return tool?.approval === "open" ? withTool(card, call_id, { approval: "decided" }) : card
  }
  if (isEvent(event, "question.asked") && event.payload.call_id !== null) {
    return withTool(card, event.payload.call_id, { asks: true, object: plainLine(event.payload.text, 120) })
  }
  if (isEvent(event, "question.answered") && event.payload.call_id !== null) {
    return withTool(card, event.payload.call_id, { asks: false })
  }
  if (isEvent(event, "budget.raised") && event.payload.scope === "run" && event.payload.subject === card.run_id) {
    const { kind, limit } = event.payload
    return { ...card, budget: { ...card.budget, [budgetField[kind]]: limit } }
  }
  return card
}

const withTool = (card: ChoirCard, call_id: string, change: Partial<CardTool>): ChoirCard =>
  moved(card, { tools: card.position.tools.map((tool) => (tool.call_id === call_id ? { ...tool, ...change } : tool)) })

const saying = (card: ChoirCard, call_id: string, text: string, at: string): ChoirCard => {
  const { call, tail } = card.position
  const same = tail !== null && tail.call_id === call_id
  const before = same ? tail.before : (card.lines.at(-1) ?? null)
  const whole = `${same ? tail.text : ""}${text}`.slice(-keptTail)
  const lines = lastLines(whole, 2)
  return moved(
    card,
    {
      tail: { call_id, before, text: whole },
      call: call === null ? null : { ...call, writing_since: call.writing_since ?? at }
    },
    lines.length === 0 ? {} : { lines: [...(before === null ? [] : [before]), ...lines].slice(-2) }
  )
}

const got = (card: ChoirCard, text: string | undefined): ChoirCard => {
  const [line] = text === undefined ? [] : lastLines(text, 1)
  return line === undefined ? card : { ...card, lines: [...card.lines, line].slice(-2) }
}

const isWaiting = ({ approval, asks, done, started }: CardTool): boolean =>
  !done && !started && (approval === "open" || asks)

/** What follows from the position. */
const derived = (card: ChoirCard): ChoirCard => {
  const { position } = card
  const waiting = position.tools.filter(isWaiting).map(({ call_id }) => call_id)
  const open = position.tasks.filter(({ status }) => status === "open")
  const phase = phaseBy({
    status: position.status,
    outcome: position.outcome,
    waitsForYou: waiting.length > 0,
    turnOver: position.turn_over,
    hasOpenTasks: open.length > 0,
    isCalling: position.call !== null,
    agent: card.agent,
    hasPlan: position.parts !== null
  })
  return {
    ...card,
    phase,
    waiting: sameIds(card.waiting, waiting),
    tasks: sameIds(
      card.tasks,
      open.map(({ task_id }) => task_id)
    ),
    plan: planOf(card),
    doing: doingOf(card, phase, open)
  }
}

const sameIds = (before: ReadonlyArray<string>, now: ReadonlyArray<string>): ReadonlyArray<string> =>
  before.length === now.length && before.every((id, index) => id === now[index]) ? before : now

const planOf = ({ plan, position: { parts, tasks } }: ChoirCard): ChoirCard["plan"] => {
  if (parts === null) return null
  const done = parts.filter((id) => tasks.findLast((task) => task.part_id === id)?.status === "completed").length
  return plan?.total === parts.length && plan.done === done ? plan : { total: parts.length, done }
}

const doingOf = (
  { doing, last_at, position }: ChoirCard,
  phase: RunPhase,
  open: ReadonlyArray<CardTask>
): CardDoing | null => {
  const now = (verb: string, object: string, since?: string): CardDoing =>
    doing?.verb === verb && doing.object === object && (since === undefined || since === doing.since)
      ? doing
      : { verb, object, since: since ?? last_at }
  if (position.status === "stopping") return now("Stopping", "")
  if (position.status !== "working") return null
  const { call } = position
  if (call !== null) {
    if (call.compacts) return now("Summing up", "what came before", call.since)
    return call.writing_since === null ? now("Thinking", "", call.since) : now("Writing", "", call.writing_since)
  }
  const todo = position.tools.filter((tool) => !tool.done)
  const tool = todo.find(isWaiting) ?? todo.find(({ started }) => started) ?? todo[0]
  if (tool !== undefined) {
    if (!isWaiting(tool)) return now(tool.verb, tool.object, tool.since)
    return tool.asks ? now("Asking", tool.object) : now(`Waiting to ${tool.act}`, tool.object)
  }
  if (phase === "waiting_on_agent") return now("Waiting on", [...new Set(open.map(({ agent }) => agent))].join(", "))
  return position.failed ? now("Waiting to try again", "") : null
}
