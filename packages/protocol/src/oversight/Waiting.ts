/**
 * What waits for a person, of all agents however deep: a fold over the log.
 *
 * Law: a request is in it from its commit until it is decided, withdrawn, or its run has ended; nothing else takes it out.
 */
import * as Schema from "effect/Schema"
import type { Event } from "../Event.ts"
import { isEvent } from "../events.ts"
import { Approval, Question } from "../http/approvals.ts"

export interface WaitingState {
  /** By `approval_id`, the oldest first. */
  readonly approvals: ReadonlyMap<string, Approval>
  /** By `question_id`, the oldest first. */
  readonly questions: ReadonlyMap<string, Question>
  /** The latest that were decided, the latest first. */
  readonly decided: ReadonlyArray<Approval>
  /** The run at the top and where it talks, of each run without an end. */
  readonly runs: ReadonlyMap<string, Root>
}

interface Root {
  readonly root_run_id: string
  readonly root_thread: Approval["root_thread"]
}

export const initialWaiting: WaitingState = {
  approvals: new Map(),
  questions: new Map(),
  decided: [],
  runs: new Map()
}

/** The types that the fold looks at. */
export const waitingEventTypes = ["approval.*", "question.*", "run.started", "run.ended"]

/** Decided approvals that are kept. */
const keptDecided = 200
/** Characters of the arguments that a decided one keeps. */
const keptArguments = 4_000

export const evolveWaiting = (state: WaitingState, event: Event): WaitingState => {
  const { run_id } = event
  if (run_id === null) return state
  if (isEvent(event, "run.started")) {
    const { parent_run_id } = event.payload
    const above = parent_run_id === null ? undefined : state.runs.get(parent_run_id)
    const root = above ?? { root_run_id: parent_run_id ?? run_id, root_thread: threadOf(event) }
    return { ...state, runs: new Map(state.runs).set(run_id, root) }
  }
  if (isEvent(event, "run.ended")) {
    const left = [...state.approvals.values()].filter((approval) => approval.run_id === run_id)
    const ended = left.reduce(
      (current, { approval_id }) => decide(current, approval_id, { ...withdrawn, at: event.timestamp }),
      state
    )
    const runs = new Map(state.runs)
    runs.delete(run_id)
    const questions = [...state.questions].filter(([, question]) => question.run_id !== run_id)
    return {
      ...ended,
      runs,
      questions: questions.length === state.questions.size ? state.questions : new Map(questions)
    }
  }
  if (isEvent(event, "approval.requested")) {
    const approval: Approval = { ...event.payload, ...askerOf(state, event, run_id), decided: null }
    return { ...state, approvals: new Map(state.approvals).set(approval.approval_id, approval) }
  }
  if (isEvent(event, "approval.decided")) {
    const { by, decision, note, pattern, tool_args } = event.payload
    const decided = { decision, pattern, tool_args: cut(tool_args), note, by, at: event.timestamp }
    return decide(state, event.payload.approval_id, decided)
  }
  if (isEvent(event, "question.asked")) {
    const question: Question = { ...event.payload, ...askerOf(state, event, run_id) }
    return { ...state, questions: new Map(state.questions).set(question.question_id, question) }
  }
  if (isEvent(event, "question.answered") && state.questions.has(event.payload.question_id)) {
    const questions = new Map(state.questions)
    questions.delete(event.payload.question_id)
    return { ...state, questions }
  }
  return state
}

/** One approval, waiting or lately decided. */
export const findApproval = (state: WaitingState, approval_id: string): Approval | undefined =>
  state.approvals.get(approval_id) ?? state.decided.find((approval) => approval.approval_id === approval_id)

const withdrawn = { decision: "withdrawn" as const, pattern: null, tool_args: null, note: null, by: "system" }

const decide = (state: WaitingState, approval_id: string, decided: NonNullable<Approval["decided"]>): WaitingState => {
  const approval = state.approvals.get(approval_id)
  if (approval === undefined) return state
  const approvals = new Map(state.approvals)
  approvals.delete(approval_id)
  const over = { ...approval, tool_args: cut(approval.tool_args), decided }
  // One that a snapshot knew as decided is told from its request on, where the events begin before the snapshot.
  const others = state.decided.filter((one) => one.approval_id !== approval_id)
  return { ...state, approvals, decided: [over, ...others].slice(0, keptDecided) }
}

const cut = <Text extends string | null>(text: Text): Text | string =>
  text === null || text.length <= keptArguments ? text : `${text.slice(0, keptArguments)}…`

const threadOf = ({ actor_id, session_id, thread_id }: Event): Approval["thread"] => ({
  actor_id,
  session_id,
  thread_id
})

const askerOf = (state: WaitingState, event: Event, run_id: string) => ({
  run_id,
  thread: threadOf(event),
  ...(state.runs.get(run_id) ?? { root_run_id: run_id, root_thread: threadOf(event) }),
  since: event.timestamp
})

const Snapshot = Schema.Struct({
  approvals: Schema.Array(Approval),
  questions: Schema.Array(Question),
  decided: Schema.Array(Approval),
  runs: Schema.Array(
    Schema.Tuple([
      Schema.String,
      Schema.Struct({ root_run_id: Schema.String, root_thread: Approval.fields.root_thread })
    ])
  )
})
const decodeSnapshot = Schema.decodeUnknownOption(Snapshot)

export const waitingToSnapshot = (state: WaitingState): typeof Snapshot.Encoded => ({
  approvals: [...state.approvals.values()],
  questions: [...state.questions.values()],
  decided: state.decided,
  runs: [...state.runs]
})

/** Undefined where this code does not understand it. */
export const waitingFromSnapshot = (saved: unknown): WaitingState | undefined => {
  const decoded = decodeSnapshot(saved)
  if (decoded._tag === "None") return undefined
  const { approvals, decided, questions, runs } = decoded.value
  return {
    approvals: new Map(approvals.map((approval) => [approval.approval_id, approval])),
    questions: new Map(questions.map((question) => [question.question_id, question])),
    decided,
    runs: new Map(runs)
  }
}
