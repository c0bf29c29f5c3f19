/**
 * A run's steps, as a fold over its events: what the model was shown and said, what it asked for, what came of it.
 *
 * Law: the same fold live, after a restart and in the browser; a step costs as much as what was said in it. A step that
 * changes is another object, the others stay the same ones, and what an event costs does not grow with their number.
 */
import type { Event } from "../Event.ts"
import { catalog, type EventPayloads, isEvent } from "../events.ts"

export interface TimelineCall {
  readonly call_id: string
  readonly model: string
  readonly attempt: number
  readonly purpose: "step" | "compaction"
  readonly started_at: string
  readonly ended_at: string | null
  readonly duration_ms: number | null
  readonly finish_reason: string | null
  readonly text: string
  readonly reasoning: string
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly cached_tokens: number | null
  /** US dollars. */
  readonly cost: number | null
  readonly error: EventPayloads["model.call_ended"]["error"]
}

/** What a tool's call set going: a command, or the run of another agent. */
export interface TimelineWork {
  /** Of an agent's work it is the `run_id` of who does it. */
  readonly task_id: string
  readonly kind: "terminal_command" | "agent"
  readonly status: "running" | "completed" | "failed" | "cancelled"
  readonly agent: string | null
  readonly command: string | null
  readonly objective: string | null
  readonly started_at: string
  readonly ended_at: string | null
  readonly duration_ms: number | null
  /** An excerpt of what came of it so far, and how much there is of it. */
  readonly output: string
  readonly output_bytes: number | null
  readonly exit_code: number | null
  readonly error: string | null
}

export interface TimelineTool {
  readonly asked: EventPayloads["tool.call"]
  readonly asked_at: string
  readonly approval: EventPayloads["approval.requested"] | null
  readonly decided: EventPayloads["approval.decided"] | null
  readonly question: EventPayloads["question.asked"] | null
  readonly answered: EventPayloads["question.answered"] | null
  /** With the arguments that it is acted with, where a person changed them. */
  readonly started: EventPayloads["tool.started"] | null
  readonly started_at: string | null
  readonly result: EventPayloads["tool.result"] | null
  readonly ended_at: string | null
  /** In their order; a job and delegated work go on after the result. */
  readonly work: ReadonlyArray<TimelineWork>
  /** The run of the agent that the call handed work to. */
  readonly task_id: string | null
}

export interface TimelineStep {
  /** From 1; 0 holds what came before the first. */
  readonly step: number
  readonly seq: number
  readonly started_at: string
  readonly ended_at: string | null
  readonly finish: string | null
  /** What the model was shown that is new. */
  readonly messages: ReadonlyArray<{ readonly message_id: string; readonly text: string; readonly from: string }>
  readonly calls: ReadonlyArray<TimelineCall>
  readonly tools: ReadonlyArray<TimelineTool>
  /** What else happened in it: paused, resumed, a plan, tasks of no call, caps, refusals. */
  readonly notes: ReadonlyArray<{
    readonly seq: number
    readonly at: string
    readonly type: string
    readonly payload: unknown
  }>
}

export type Timeline = ReadonlyArray<TimelineStep>

/** One pass over a run's events, in their order. */
export const foldTimeline = (events: Iterable<Event>): Timeline => {
  const fold = new TimelineFold()
  for (const event of events) fold.push(event)
  return fold.steps
}

type Change<A> = (value: A) => A

/** A timeline that grows event by event. An event that it has seen changes nothing. */
export class TimelineFold {
  readonly #steps: Array<TimelineStep> = []
  /** Where each call and each tool is: the index of its step. */
  readonly #calls = new Map<string, number>()
  readonly #tools = new Map<string, number>()
  /** The tool whose task it is. */
  readonly #tasks = new Map<string, string>()
  #waiting: Array<TimelineStep["messages"][number]> = []
  #shown: Timeline = []
  #shownAt = 0
  #seq = 0
  #version = 0
  #changed = 0

  /** Counts the changes. */
  get version(): number {
    return this.#version
  }

  /** `seq` of the last event; 0 before the first. */
  get seq(): number {
    return this.#seq
  }

  get length(): number {
    return this.#steps.length
  }

  /** The index of the step that was changed last. */
  get changed(): number {
    return this.#changed
  }

  /** Another array when something has changed since it was asked for, with the same objects for what has not. */
  get steps(): Timeline {
    if (this.#shownAt !== this.#version) {
      this.#shown = this.#steps.slice()
      this.#shownAt = this.#version
    }
    return this.#shown
  }

  /** The steps from one index to another, without the rest of them. */
  slice(from: number, to?: number): Timeline {
    return this.#steps.slice(from, to)
  }

  push(event: Event): void {
    if (event.seq <= this.#seq) return
    this.#seq = event.seq
    if (this.#apply(event)) this.#version += 1
  }

  /** Whether it changed anything that is shown. */
  #apply(event: Event): boolean {
    if (isEvent(event, "chat.user_msg")) {
      const { message_id, text } = event.payload
      this.#waiting.push({ message_id, text, from: "user" })
      return false
    }
    if (isEvent(event, "run.told")) {
      const { from, message_id, text } = event.payload
      this.#waiting.push({ message_id, text, from: from.name })
      return false
    }
    if (isEvent(event, "run.step_started")) {
      this.#steps.push({ ...newStep(event.payload.step, event), messages: this.#waiting })
      this.#waiting = []
      this.#changed = this.#steps.length - 1
      return true
    }
    if (isEvent(event, "run.step_ended")) {
      const { finish } = event.payload
      return this.#change(this.#last(event), (step) => ({ ...step, ended_at: event.timestamp, finish }))
    }
    if (event.event_type.startsWith("model.")) return this.#applyCall(event)
    if (event.event_type.startsWith("worker.task.") && this.#applyTask(event)) return true
    return this.#applyTool(event) || this.#note(event)
  }

  #applyCall(event: Event): boolean {
    if (isEvent(event, "model.call_started")) {
      const index = this.#last(event)
      this.#calls.set(event.payload.call_id, index)
      return this.#change(index, (step) => ({ ...step, calls: [...step.calls, newCall(event)] }))
    }
    if (isEvent(event, "model.text")) {
      const { call_id, kind, text } = event.payload
      return this.#changeCall(call_id, (call) =>
        kind === "text" ? { ...call, text: call.text + text } : { ...call, reasoning: call.reasoning + text }
      )
    }
    if (isEvent(event, "model.call_ended")) {
      const { cached_tokens, call_id, cost, duration_ms, error, finish_reason, input_tokens, output_tokens, text } =
        event.payload
      return this.#changeCall(call_id, (call) => ({
        ...call,
        cost,
        duration_ms,
        error,
        finish_reason,
        input_tokens,
        output_tokens,
        cached_tokens: cached_tokens ?? null,
        ended_at: event.timestamp,
        text: call.text + text
      }))
    }
    return false
  }

  #applyTool(event: Event): boolean {
    const at = event.timestamp
    if (isEvent(event, "tool.call")) {
      const index = this.#last(event)
      this.#tools.set(event.payload.call_id, index)
      const tool: TimelineTool = { asked: event.payload, asked_at: at, ...noTool }
      return this.#change(index, (step) => ({ ...step, tools: [...step.tools, tool] }))
    }
    if (isEvent(event, "tool.started")) {
      const started = event.payload
      return this.#changeTool(started.call_id, (tool) => ({ ...tool, started, started_at: at }))
    }
    if (isEvent(event, "tool.result")) {
      const result = event.payload
      return this.#changeTool(result.call_id, (tool) => ({ ...tool, result, ended_at: at }))
    }
    if (isEvent(event, "approval.requested")) {
      const approval = event.payload
      return this.#changeTool(approval.call_id, (tool) => ({ ...tool, approval, decided: null }))
    }
    if (isEvent(event, "approval.decided")) {
      const decided = event.payload
      return this.#changeTool(decided.call_id, (tool) => ({ ...tool, decided }))
    }
    if (isEvent(event, "question.asked")) {
      const question = event.payload
      return this.#changeTool(question.call_id, (tool) => ({ ...tool, question }))
    }
    if (isEvent(event, "question.answered")) {
      const answered = event.payload
      return this.#changeTool(answered.call_id, (tool) => ({ ...tool, answered }))
    }
    return false
  }

  /** False where it is the task of no call that is known. */
  #applyTask(event: Event): boolean {
    if (isEvent(event, "worker.task.started")) {
      const { call_id, task_id } = event.payload
      const work = newWork(event.payload)
      const task = work.kind === "agent" ? { task_id } : {}
      const isOfCall = this.#changeTool(call_id ?? null, (tool) => ({ ...tool, ...task, work: [...tool.work, work] }))
      if (isOfCall && call_id !== undefined) this.#tasks.set(task_id, call_id)
      return isOfCall
    }
    if (isEvent(event, "worker.task.progress")) {
      const { duration_ms, message, output_bytes, task_id } = event.payload
      return this.#changeWork(task_id, (work) => ({
        ...work,
        duration_ms: duration_ms ?? work.duration_ms,
        output: message ?? work.output,
        output_bytes: output_bytes ?? work.output_bytes
      }))
    }
    for (const type of ["worker.task.completed", "worker.task.failed", "worker.task.cancelled"] as const) {
      if (!isEvent(event, type)) continue
      const { payload } = event
      const { duration_ms, exit_code, finished_at, status, task_id } = payload
      return this.#changeWork(task_id, (work) => ({
        ...work,
        status,
        duration_ms,
        ended_at: finished_at,
        exit_code: exit_code ?? null,
        output: ("output" in payload ? payload.output : undefined) ?? work.output,
        error: ("error" in payload ? payload.error : undefined) ?? null
      }))
    }
    return false
  }

  #note(event: Event): boolean {
    if (!isNoted(event)) return false
    const note = { seq: event.seq, at: event.timestamp, type: event.event_type, payload: event.payload }
    return this.#change(this.#last(event), (step) => ({ ...step, notes: [...step.notes, note] }))
  }

  /** The index of the step that is at work; before the first there is one for what comes before it. */
  #last(event: Event): number {
    if (this.#steps.length === 0) this.#steps.push(newStep(0, event))
    return this.#steps.length - 1
  }

  #change(index: number | undefined, how: Change<TimelineStep>): boolean {
    const step = index === undefined ? undefined : this.#steps[index]
    if (index === undefined || step === undefined) return false
    const next = how(step)
    this.#steps[index] = next
    this.#changed = index
    return true
  }

  #changeCall(call_id: string, how: Change<TimelineCall>): boolean {
    return this.#change(this.#calls.get(call_id), (step) => {
      const at = step.calls.findLastIndex((call) => call.call_id === call_id)
      return { ...step, calls: replaced(step.calls, at, how) }
    })
  }

  #changeTool(call_id: string | null, how: Change<TimelineTool>): boolean {
    if (call_id === null) return false
    return this.#change(this.#tools.get(call_id), (step) => {
      const at = step.tools.findLastIndex((tool) => tool.asked.call_id === call_id)
      return { ...step, tools: replaced(step.tools, at, how) }
    })
  }

  #changeWork(task_id: string, how: Change<TimelineWork>): boolean {
    return this.#changeTool(this.#tasks.get(task_id) ?? null, (tool) => {
      const at = tool.work.findLastIndex((work) => work.task_id === task_id)
      return { ...tool, work: replaced(tool.work, at, how) }
    })
  }
}

const replaced = <A>(list: ReadonlyArray<A>, at: number, how: Change<A>): ReadonlyArray<A> =>
  list.map((one, index) => (index === at ? how(one) : one))

const newStep = (step: number, event: Event): TimelineStep => ({
  step,
  seq: event.seq,
  started_at: event.timestamp,
  ended_at: null,
  finish: null,
  messages: [],
  calls: [],
  tools: [],
  notes: []
})

const newCall = ({
  payload: { attempt, call_id, model, purpose },
  timestamp
}: Event & { readonly payload: EventPayloads["model.call_started"] }): TimelineCall => ({
  call_id,
  model,
  attempt,
  purpose: purpose ?? "step",
  started_at: timestamp,
  ended_at: null,
  duration_ms: null,
  finish_reason: null,
  text: "",
  reasoning: "",
  input_tokens: null,
  output_tokens: null,
  cached_tokens: null,
  cost: null,
  error: null
})

const newWork = (task: EventPayloads["worker.task.started"]): TimelineWork => ({
  task_id: task.task_id,
  kind: task.kind,
  status: "running",
  agent: task.agent ?? null,
  command: task.command ?? null,
  objective: task.objective ?? null,
  started_at: task.started_at,
  ended_at: null,
  duration_ms: null,
  output: "",
  output_bytes: null,
  exit_code: null,
  error: null
})

const noTool = {
  approval: null,
  decided: null,
  question: null,
  answered: null,
  started: null,
  started_at: null,
  result: null,
  ended_at: null,
  work: [],
  task_id: null
}

const noted = ["run.", "worker.task.", "budget.", "membrane.", "watcher.", "chat.compacted"]

/** What is not known is told, too: it may be what a later version did. */
const isNoted = ({ event_type }: Event): boolean =>
  noted.some((family) => event_type.startsWith(family)) || !catalog.has(event_type)
