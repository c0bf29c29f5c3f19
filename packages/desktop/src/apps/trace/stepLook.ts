/** One step in a glance: what it was, and what came of it. Pure. */
import type { TimelineStep, TimelineTool } from "@choiros/protocol"

export type StepKind = "answer" | "shell" | "read" | "search" | "edit" | "hand" | "ask" | "tool"
export type StepOutcome = "done" | "failed" | "waiting" | "live"

export interface StepLook {
  readonly kind: StepKind
  readonly outcome: StepOutcome
  /** "bash, read_file"; empty where it only said something. */
  readonly tools: string
  readonly tokens: { readonly input: number; readonly output: number; readonly cached: number }
  readonly cost: number | null
}

export const stepKindWords: Readonly<Record<StepKind, string>> = {
  answer: "Words",
  shell: "Command",
  read: "Read",
  search: "Search",
  edit: "Edit",
  hand: "Plan and hand out",
  ask: "Question",
  tool: "Other tool"
}

export const outcomeWords: Readonly<Record<StepOutcome, string>> = {
  done: "done",
  failed: "failed",
  waiting: "waiting for you",
  live: "under way"
}

const kinds: Readonly<Record<string, StepKind>> = {
  bash: "shell",
  job_output: "shell",
  job_stop: "shell",
  read_file: "read",
  list_files: "read",
  read_output: "read",
  read_skill: "read",
  search_files: "search",
  search_events: "search",
  read_events: "search",
  write_file: "edit",
  edit_file: "edit",
  delegate: "hand",
  plan: "hand",
  message: "hand",
  ask_user: "ask"
}

const looks = new WeakMap<TimelineStep, StepLook>()

export const stepLook = (step: TimelineStep): StepLook => {
  const known = looks.get(step)
  if (known !== undefined) return known
  const look = lookAt(step)
  looks.set(step, look)
  return look
}

const lookAt = (step: TimelineStep): StepLook => {
  const { calls, tools } = step
  const names = tools.map(({ asked }) => asked.tool_name)
  const found = names.map(kindOf)
  const cost = calls.reduce<number | null>((sum, call) => (call.cost === null ? sum : (sum ?? 0) + call.cost), null)
  return {
    // What changes things says more of a step than what looks at them.
    kind:
      (["ask", "hand", "edit", "shell", "tool", "search", "read"] as const).find((kind) => found.includes(kind)) ??
      "answer",
    outcome: outcomeOf(step),
    tools: [...new Set(names)].join(", "),
    tokens: {
      input: calls.reduce((sum, call) => sum + (call.input_tokens ?? 0), 0),
      output: calls.reduce((sum, call) => sum + (call.output_tokens ?? 0), 0),
      cached: calls.reduce((sum, call) => sum + (call.cached_tokens ?? 0), 0)
    },
    cost
  }
}

const kindOf = (tool_name: string): StepKind =>
  (Object.hasOwn(kinds, tool_name) ? kinds[tool_name] : undefined) ?? "tool"

const outcomeOf = ({ calls, ended_at, finish, tools }: TimelineStep): StepOutcome => {
  if (tools.some(waits)) return "waiting"
  if (ended_at === null) return "live"
  const lastCall = calls.at(-1)
  const failed = tools.some(({ result }) => result !== null && !result.success)
  return failed || finish === "error" || (lastCall !== undefined && lastCall.error !== null) ? "failed" : "done"
}

const waits = ({ answered, approval, decided, question, result, started }: TimelineTool): boolean =>
  result === null &&
  started === null &&
  ((approval !== null && decided === null) || (question !== null && answered === null))

/** Milliseconds that it took; null while it goes on. */
export const stepTime = ({ ended_at, started_at }: TimelineStep): number | null =>
  ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at)
