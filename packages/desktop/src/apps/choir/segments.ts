/**
 * What a run's time went into: its model, its tools, waits for people and agents. Pure.
 *
 * Law: the spans of a step are made once as long as the step stays the same; moments that two spans share count once, for
 * what matters more to a person.
 */
import type { TimelineStep, TimelineTool } from "@choiros/protocol"

/** In the order in which they are drawn: what is later covers what is before. */
export const segmentKinds = ["agent", "paused", "model", "tool", "failed", "person"] as const
export type SegmentKind = (typeof segmentKinds)[number]

export interface Segment {
  readonly kind: SegmentKind
  /** Milliseconds since 1970. */
  readonly from: number
  /** Null while it goes on. */
  readonly to: number | null
  readonly step: number
  /** As "bash" or a model's name. */
  readonly label: string
}

export const kindWords: Readonly<Record<SegmentKind, string>> = {
  model: "Model",
  tool: "Tools",
  failed: "Failed tools",
  person: "Waiting for you",
  agent: "Waiting on agents",
  paused: "Paused"
}

export const kindColour: Readonly<Record<SegmentKind, string>> = {
  model: "--accent",
  tool: "--state-working",
  failed: "--state-failed",
  person: "--state-waiting",
  agent: "--state-idle",
  paused: "--state-paused"
}

const made = new WeakMap<TimelineStep, ReadonlyArray<Segment>>()

/** The spans of one step, but for those that several steps share. */
export const segmentsOfStep = (step: TimelineStep): ReadonlyArray<Segment> => {
  const known = made.get(step)
  if (known !== undefined) return known
  const segments = [...callSegments(step), ...step.tools.flatMap((tool) => toolSegments(step, tool))]
  made.set(step, segments)
  return segments
}

export const segmentsOf = (steps: ReadonlyArray<TimelineStep>): ReadonlyArray<Segment> => [
  ...steps.flatMap(segmentsOfStep),
  ...notedSegments(steps)
]

const time = (iso: string | null): number | null => (iso === null ? null : Date.parse(iso))

const callSegments = ({ calls, ended_at, step }: TimelineStep): ReadonlyArray<Segment> =>
  calls.map((call) => ({
    kind: "model",
    from: Date.parse(call.started_at),
    to: time(call.ended_at ?? ended_at),
    step,
    label: call.model
  }))

const toolSegments = ({ ended_at, step }: TimelineStep, tool: TimelineTool): ReadonlyArray<Segment> => {
  const { approval, asked, asked_at, question, result, started_at, work } = tool
  const label = asked.tool_name
  const over = time(tool.ended_at ?? ended_at)
  const asksPerson = approval !== null || question !== null
  const begun = asksPerson ? time(started_at) : (time(started_at) ?? Date.parse(asked_at))
  const segments: Array<Segment> = []
  if (asksPerson) {
    segments.push({
      kind: "person",
      from: Date.parse(asked_at),
      to: question === null ? (begun ?? over) : over,
      step,
      label
    })
  }
  if (begun !== null && question === null) {
    const failed = result !== null && !result.success
    segments.push({ kind: failed ? "failed" : "tool", from: begun, to: over, step, label })
  }
  for (const { agent, ended_at: end, kind, started_at: start } of work) {
    if (kind === "agent") segments.push({ kind, from: Date.parse(start), to: time(end), step, label: agent ?? "agent" })
  }
  return segments
}

/** Pauses, and tasks that no call of a tool handed out: told by notes, and over several steps. */
const notedSegments = (steps: ReadonlyArray<TimelineStep>): ReadonlyArray<Segment> => {
  const segments: Array<Segment> = []
  let paused: Segment | null = null
  const tasks = new Map<string, Segment>()
  const close = (open: Segment, at: string) => segments.push({ ...open, to: Date.parse(at) })
  for (const { notes, step } of steps) {
    for (const { at, payload, type } of notes) {
      if (type === "run.paused") paused ??= { kind: "paused", from: Date.parse(at), to: null, step, label: "paused" }
      else if (paused !== null && (type === "run.resumed" || type === "run.ended")) {
        close(paused, at)
        paused = null
      }
      const task_id = type.startsWith("worker.task.") ? textOf(payload, "task_id") : null
      if (task_id === null) continue
      if (type === "worker.task.started") {
        if (textOf(payload, "kind") !== "agent") continue
        const label = textOf(payload, "agent") ?? "agent"
        tasks.set(task_id, { kind: "agent", from: Date.parse(at), to: null, step, label })
      } else if (type !== "worker.task.progress") {
        const open = tasks.get(task_id)
        if (open !== undefined) close(open, at)
        tasks.delete(task_id)
      }
    }
  }
  return [...segments, ...tasks.values(), ...(paused === null ? [] : [paused])]
}

const textOf = (payload: unknown, name: string): string | null => {
  if (typeof payload !== "object" || payload === null || !(name in payload)) return null
  const value: unknown = Object.getOwnPropertyDescriptor(payload, name)?.value
  return typeof value === "string" ? value : null
}

export type TimeSpent = Readonly<Record<SegmentKind | "idle", number>>

const rank: Readonly<Record<SegmentKind, number>> = { person: 0, failed: 1, tool: 2, model: 3, paused: 4, agent: 5 }

/** Milliseconds by kind between two moments: each moment counts once. */
export const timeSpent = (segments: ReadonlyArray<Segment>, from: number, until: number): TimeSpent => {
  const spent = { agent: 0, paused: 0, model: 0, tool: 0, failed: 0, person: 0, idle: 0 }
  const edges: Array<{ readonly at: number; readonly kind: SegmentKind; readonly by: 1 | -1 }> = []
  for (const segment of segments) {
    const begin = Math.max(from, segment.from)
    const end = Math.min(until, segment.to ?? until)
    if (end <= begin) continue
    edges.push({ at: begin, kind: segment.kind, by: 1 }, { at: end, kind: segment.kind, by: -1 })
  }
  edges.sort((a, b) => a.at - b.at)
  const open = { agent: 0, paused: 0, model: 0, tool: 0, failed: 0, person: 0 }
  let at = from
  for (const edge of edges) {
    spent[topOf(open)] += edge.at - at
    at = edge.at
    open[edge.kind] += edge.by
  }
  spent.idle += Math.max(0, until - at)
  return spent
}

const topOf = (open: Readonly<Record<SegmentKind, number>>): SegmentKind | "idle" => {
  let top: SegmentKind | "idle" = "idle"
  for (const kind of segmentKinds) {
    if (open[kind] > 0 && (top === "idle" || rank[kind] < rank[top])) top = kind
  }
  return top
}
