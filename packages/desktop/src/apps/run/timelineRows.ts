/**
 * A run's timeline as rows of one list: its steps, what was said and done in each, and the runs that it began, inline.
 *
 * Law: a step that has not changed gives the same rows; to flatten ten thousand steps is to copy their rows.
 */
import type { TimelineCall, TimelineStep, TimelineTool } from "@choiros/protocol"
import { callState, kindOf } from "../../cards/toolCalls.ts"

type Message = TimelineStep["messages"][number]
export type Note = TimelineStep["notes"][number]

interface Of {
  readonly key: string
  readonly run_id: string
  readonly agent: string
  /** Runs between this one and the one that is shown. */
  readonly depth: number
  readonly step: number
  /** Went wrong, was denied, or nobody knows. */
  readonly failed: boolean
}

export interface ChildRow extends Of {
  readonly kind: "child"
  readonly child_id: string
  readonly child_agent: string
  readonly objective: string
  readonly status: "running" | "completed" | "failed" | "cancelled"
  /** RFC 3339. */
  readonly at: string
}

export type Row =
  | (Of & { readonly kind: "step"; readonly of: TimelineStep })
  | (Of & { readonly kind: "message"; readonly message: Message; readonly at: string })
  | (Of & { readonly kind: "model"; readonly call: TimelineCall })
  | (Of & { readonly kind: "tool"; readonly tool: TimelineTool; readonly live: boolean })
  | (Of & { readonly kind: "note"; readonly note: Note })
  | ChildRow

/** A run whose steps are there. */
export interface ShownRun {
  readonly run_id: string
  readonly agent: string
  readonly live: boolean
  readonly steps: ReadonlyArray<TimelineStep>
}

export type RowKind = "all" | "messages" | "model" | "commands" | "reads" | "edits" | "agents" | "oversight" | "other"

export interface RowFilter {
  readonly kind: RowKind
  readonly failed: boolean
  /** Null: of all. */
  readonly agent: string | null
}

export const noFilter: RowFilter = { kind: "all", failed: false, agent: null }

export interface Folding {
  /** Runs below that are shown inline, by id. */
  readonly children: ReadonlyMap<string, ShownRun>
  /** Keys of steps of which only the line is shown. */
  readonly closed: ReadonlySet<string>
}

export const rowsOf = (run: ShownRun, { children, closed }: Folding, filter: RowFilter): ReadonlyArray<Row> => {
  const rows: Array<Row> = []
  const all = filter.kind === "all" && !filter.failed && filter.agent === null
  const add = (shown: ShownRun, depth: number, above: ReadonlySet<string>): void => {
    for (const step of shown.steps) {
      const own = rowsOfStep(shown, step, depth)
      const [head] = own
      const isClosed = head !== undefined && closed.has(head.key)
      let headPushed = all
      for (const row of own) {
        if (all) {
          rows.push(row)
          if (isClosed) break
        } else if (row.kind !== "step" && fits(row, filter)) {
          if (!headPushed && head !== undefined) rows.push(head)
          headPushed = true
          if (isClosed) break
          rows.push(row)
        }
        const child = row.kind === "child" ? children.get(row.child_id) : undefined
        // A run that is its own ancestor is in no log that we wrote.
        if (child !== undefined && !above.has(child.run_id)) add(child, depth + 1, new Set([...above, child.run_id]))
      }
    }
  }
  add(run, 0, new Set([run.run_id]))
  return rows
}

/** What a filter of this kind keeps. */
const kindOfRow = (row: Row): RowKind => {
  switch (row.kind) {
    case "step":
      return "all"
    case "message":
      return "messages"
    case "model":
      return "model"
    case "child":
      return "agents"
    case "note":
      return /^(budget|membrane|watcher)\./.test(row.note.type) ? "oversight" : "other"
    case "tool":
      return kindOfTool(row.tool)
  }
}

const kindOfTool = (tool: TimelineTool): RowKind => {
  switch (kindOf(tool)) {
    case "shell":
      return "commands"
    case "read":
    case "list":
    case "search":
    case "output":
    case "log":
      return "reads"
    case "edit":
      return "edits"
    case "delegate":
    case "plan":
    case "message":
      return "agents"
    case "question":
      return "oversight"
    default:
      return "other"
  }
}

const fits = (row: Row, { agent, failed, kind }: RowFilter): boolean =>
  (agent === null || row.agent === agent || (row.kind === "child" && row.child_agent === agent)) &&
  (!failed || row.failed) &&
  (kind === "all" ||
    kindOfRow(row) === kind ||
    (kind === "oversight" && row.kind === "tool" && row.tool.approval !== null))

interface Made {
  readonly run_id: string
  readonly agent: string
  readonly live: boolean
  readonly depth: number
  readonly rows: ReadonlyArray<Row>
}

const made = new WeakMap<TimelineStep, Made>()

const rowsOfStep = (run: ShownRun, step: TimelineStep, depth: number): ReadonlyArray<Row> => {
  const before = made.get(step)
  const { agent, live, run_id } = run
  if (before?.run_id === run_id && before.agent === agent && before.live === live && before.depth === depth) {
    return before.rows
  }
  const rows = makeRows(run, step, depth)
  made.set(step, { run_id, agent, live, depth, rows })
  return rows
}

export const stepKey = (run_id: string, step: number): string => `${run_id}/${step}`

const makeRows = ({ agent, live, run_id }: ShownRun, step: TimelineStep, depth: number): ReadonlyArray<Row> => {
  const head = stepKey(run_id, step.step)
  const of = (key: string, failed = false): Of => ({
    key: `${head}/${key}`,
    run_id,
    agent,
    depth,
    step: step.step,
    failed
  })
  const timed: Array<readonly [at: string, rows: ReadonlyArray<Row>]> = []
  for (const call of step.calls) {
    timed.push([call.started_at, [{ ...of(call.call_id, call.error !== null), kind: "model", call }]])
  }
  for (const tool of step.tools) {
    const { call_id } = tool.asked
    const row: Row = { ...of(call_id, wentWrong(tool, live)), kind: "tool", tool, live }
    const children = tool.work.flatMap((work): ReadonlyArray<Row> => {
      if (work.kind !== "agent") return []
      return [childRow(of(work.task_id, work.status === "failed"), work.task_id, work, work.status, work.started_at)]
    })
    timed.push([tool.asked_at, [row, ...children]])
  }
  for (const note of step.notes) {
    const child = childOfNote(note, step.notes)
    timed.push([
      note.at,
      child === null
        ? [{ ...of(`n${note.seq}`, isBad(note)), kind: "note", note }]
        : [childRow(of(child.task_id, child.status === "failed"), child.task_id, child, child.status, note.at)]
    ])
  }
  timed.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  const inside = timed.flatMap(([, rows]) => rows)
  return [
    { ...of(""), key: head, kind: "step", of: step },
    ...step.messages.map((message): Row => {
      return { ...of(`m${message.message_id}`), kind: "message", message, at: step.started_at }
    }),
    ...inside
  ]
}

const childRow = (
  of: Of,
  child_id: string,
  { agent, objective }: { readonly agent: string | null; readonly objective: string | null },
  status: ChildRow["status"],
  at: string
): ChildRow => ({
  ...of,
  kind: "child",
  child_id,
  child_agent: agent ?? "agent",
  objective: objective ?? "",
  status,
  at
})

const wentWrong = (tool: TimelineTool, live: boolean): boolean => {
  const state = callState(tool, live)
  return state === "failed" || state === "denied" || state === "refused" || state === "unknown"
}

const isBad = ({ payload, type }: Note): boolean =>
  type === "membrane.refused" ||
  type === "watcher.signal" ||
  type === "worker.task.failed" ||
  (type === "run.ended" && field(payload, "outcome") !== "done" && field(payload, "outcome") !== "stopped")

export const field = (payload: unknown, name: string): string | null => {
  if (typeof payload !== "object" || payload === null) return null
  const value: unknown = Object.getOwnPropertyDescriptor(payload, name)?.value
  return typeof value === "string" ? value : null
}

/** Work that was handed out by no call (a part of the plan); how it ended is told beside it, where it ended in the step. */
const childOfNote = (note: Note, notes: ReadonlyArray<Note>) => {
  if (note.type !== "worker.task.started" || field(note.payload, "kind") !== "agent") return null
  const task_id = field(note.payload, "task_id")
  if (task_id === null) return null
  const end = notes.find(
    ({ payload, type }) =>
      /^worker\.task\.(completed|failed|cancelled)$/.test(type) && field(payload, "task_id") === task_id
  )
  const status = statuses[end?.type ?? ""] ?? "running"
  return { task_id, agent: field(note.payload, "agent"), objective: field(note.payload, "objective"), status }
}

const statuses: Readonly<Record<string, ChildRow["status"]>> = {
  "worker.task.completed": "completed",
  "worker.task.failed": "failed",
  "worker.task.cancelled": "cancelled"
}

/** How the work that was handed out by no call has ended, by its task: told in a later step than its beginning, as a rule. */
export const endsOf = (steps: ReadonlyArray<TimelineStep>): ReadonlyMap<string, ChildRow["status"]> => {
  const ends = new Map<string, ChildRow["status"]>()
  for (const { notes } of steps) {
    for (const { payload, type } of notes) {
      const status = statuses[type]
      const task_id = status === undefined ? null : field(payload, "task_id")
      if (status !== undefined && task_id !== null) ends.set(task_id, status)
    }
  }
  return ends
}

/** Sums of a step, for its line. */
export const totalsOf = ({ calls, ended_at, started_at }: TimelineStep) => {
  const told = calls.filter((call) => call.input_tokens !== null || call.output_tokens !== null)
  const priced = calls.filter((call) => call.cost !== null)
  return {
    model: calls.at(-1)?.model ?? null,
    duration_ms: ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at),
    tokens:
      told.length === 0
        ? null
        : told.reduce((sum, call) => sum + (call.input_tokens ?? 0) + (call.output_tokens ?? 0), 0),
    cost: priced.length === 0 ? null : priced.reduce((sum, call) => sum + (call.cost ?? 0), 0)
  }
}
