/**
 * A run as a story: phases with a heading, and in each only what a reader must know.
 *
 * Law: pure, from the run's own record; nothing is told as done that the record does not say is done, and what is folded
 * away is there when it is opened.
 */
import type { Evidence, RunDetail, RunPhase, TimelineStep, TimelineTool } from "@choiros/protocol"
import { noteWords } from "../../cards/noteWords.ts"
import { callState, kindOf, textArg, verbOf } from "../../cards/toolCalls.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { field, type Note } from "./timelineRows.ts"

/** Of one step of the run, at a time. */
interface At {
  readonly key: string
  readonly step: number
  readonly at: string
}

export type StoryItem =
  /** What a person or a plan has settled. */
  | (At & { readonly kind: "decision"; readonly text: string })
  /** What went wrong, or what somebody noticed. */
  | (At & { readonly kind: "finding"; readonly text: string; readonly tool: TimelineTool | null })
  /** A file that was written. */
  | (At & { readonly kind: "artifact"; readonly tool: TimelineTool })
  /** Tests, a build or a linter. */
  | (At & { readonly kind: "check"; readonly tool: TimelineTool })
  /** What waits for a person. */
  | (At & { readonly kind: "need"; readonly text: string; readonly tool: TimelineTool })
  /** All else, in a line. */
  | (At & { readonly kind: "calls"; readonly words: string; readonly tools: ReadonlyArray<TimelineTool> })

export interface StoryPhase {
  readonly id: string
  readonly heading: string
  /** Of a part of a plan: as the plan has it, which knows its run from outside. */
  readonly status: RunPhase
  readonly started_at: string | null
  readonly ended_at: string | null
  /** One or two sentences; empty where there is no more to say than the heading. */
  readonly words: string
  readonly items: ReadonlyArray<StoryItem>
  /** Whose run does it, where it was handed out. */
  readonly work: { readonly agent: string; readonly run_id: string | null } | null
}

export interface Story {
  readonly phases: ReadonlyArray<StoryPhase>
  /** Phases before these that were not asked for. */
  readonly earlier: number
  /** What it came to, as markdown. */
  readonly answer: string | null
  readonly evidence: Evidence | null
}

/** What a story needs to know of the run beside its steps. */
export type StoryOf = Pick<RunDetail, "phase" | "ended_at" | "plan" | "tasks" | "evidence">

/** With the last phases of a long run, at most so many. */
export const storyOf = (
  steps: ReadonlyArray<TimelineStep>,
  run: StoryOf,
  most: number = Number.POSITIVE_INFINITY
): Story => {
  const live = run.ended_at === null
  const last = steps.at(-1)
  // As long as it goes on it has said nothing for good.
  const answer = last !== undefined && !live && isAnswer(last) ? textOf(last) : null
  const begins = steps.flatMap((step, index) => (beginsPhase(step) ? [index] : []))
  const earlier = Math.max(0, begins.length - most)
  const from = earlier === 0 ? 0 : (begins[earlier] ?? 0)
  const phases = ownPhases(steps.slice(from), live, answer === null ? null : (last ?? null))
  const ends = phases.at(-1)
  if (ends !== undefined) ends.status = run.phase
  const planned = plannedPhases(steps, run)
  const at = planned.length === 0 ? -1 : phases.findLastIndex((phase) => phase.plans)
  const all = [...phases.slice(0, at + 1), ...planned, ...phases.slice(at + 1)]
  return { phases: all.filter(hasSomething), earlier, answer, evidence: run.evidence }
}

const hasSomething = ({ heading, items, words }: StoryPhase): boolean =>
  heading !== "" || words !== "" || items.length > 0

interface OwnPhase extends StoryPhase {
  status: RunPhase
  ended_at: string | null
  heading: string
  readonly items: Array<StoryItem>
  /** The plan was made in it. */
  plans: boolean
}

/** Where the model says what it is about to do, or a person says what is to be done. */
const beginsPhase = (step: TimelineStep): boolean => textOf(step) !== "" || toldIn(step).length > 0

/** The first message is what the run is for, and no news. */
const toldIn = ({ messages, step }: TimelineStep): TimelineStep["messages"] =>
  step > 1 ? messages.filter(({ from }) => from === "user") : []

const ownPhases = (
  steps: ReadonlyArray<TimelineStep>,
  live: boolean,
  answering: TimelineStep | null
): ReadonlyArray<OwnPhase> => {
  const phases: Array<OwnPhase> = []
  for (const step of steps) {
    const said = step === answering ? "" : plainProse(textOf(step))
    const told = toldIn(step)
    if (phases.length === 0 || said !== "" || told.length > 0) {
      const [heading, words] = said === "" ? ["", ""] : headed(said)
      phases.push({
        id: `s${step.step}`,
        heading,
        words,
        status: "done",
        started_at: step.started_at,
        ended_at: step.ended_at,
        items: told.map(({ message_id, text }) => ({
          kind: "decision",
          key: message_id,
          step: step.step,
          at: step.started_at,
          text: `You said: ${shortened(plainName(text), longestLine)}`
        })),
        work: null,
        plans: false
      })
    }
    const phase = phases.at(-1)
    if (phase === undefined) continue
    phase.ended_at = step.ended_at ?? phase.ended_at
    const items = itemsOf(step, live)
    join(phase.items, items)
    phase.plans ||= step.notes.some(({ type }) => type === "run.plan_set")
  }
  for (const phase of phases) if (phase.heading === "") phase.heading = headingOf(phase)
  // What came before the first step is nothing by itself.
  return phases.filter((phase) => phase.id !== "s0" || phase.items.length > 0)
}

/** Folded calls that follow each other are one line. */
const join = (items: Array<StoryItem>, more: ReadonlyArray<StoryItem>): void => {
  for (const item of more) {
    const before = items.at(-1)
    if (item.kind === "calls" && before?.kind === "calls") {
      const tools = [...before.tools, ...item.tools]
      items[items.length - 1] = { ...before, tools, words: wordsOf(tools) }
    } else items.push(item)
  }
}

const known = new WeakMap<TimelineStep, { readonly live: boolean; readonly items: ReadonlyArray<StoryItem> }>()

/** A step that is as it was tells the same. */
const itemsOf = (step: TimelineStep, live: boolean): ReadonlyArray<StoryItem> => {
  const before = known.get(step)
  if (before?.live === live) return before.items
  const items = [
    ...step.tools.flatMap((tool) => itemsOfTool(tool, step, live)),
    ...step.notes.flatMap((note) => itemOfNote(note, step)),
    ...failureOf(step)
  ]
  known.set(step, { live, items })
  return items
}

const itemsOfTool = (tool: TimelineTool, { step }: TimelineStep, live: boolean): ReadonlyArray<StoryItem> => {
  const state = callState(tool, live)
  const of = { key: tool.asked.call_id, step, at: tool.asked_at }
  const { object, verb } = verbOf(tool, state)
  const words = shortened(`${verb} ${object}`.trim(), longestLine)
  if (state === "waiting") {
    const need = tool.question?.text ?? tool.approval?.intent ?? words
    return [{ ...of, kind: "need", text: shortened(plainName(need), longestLine), tool }]
  }
  const settled = settledIn(tool)
  const decision: ReadonlyArray<StoryItem> =
    settled === null ? [] : [{ ...of, key: `${of.key}-settled`, kind: "decision", text: settled }]
  if (isCheck(tool)) return [...decision, { ...of, kind: "check", tool }]
  if (state === "failed" || state === "refused" || state === "unknown") {
    return [...decision, { ...of, kind: "finding", text: `${words}: ${whyOf(tool, state)}`, tool }]
  }
  if (state === "denied")
    return decision.length > 0 ? decision : [{ ...of, kind: "decision", text: `Denied: ${words}` }]
  if (kindOf(tool) === "edit" && state === "done") return [...decision, { ...of, kind: "artifact", tool }]
  // The plan is told as such, and a question with its answer.
  if (kindOf(tool) === "question" || (kindOf(tool) === "plan" && state === "done")) return decision
  return [...decision, { ...of, kind: "calls", tools: [tool], words: wordsOf([tool]) }]
}

/** What a person has settled about it; null where nobody was asked, or a rule answered. */
const settledIn = ({ answered, approval, decided, question }: TimelineTool): string | null => {
  if (question !== null && answered !== null && answered.answer !== null) {
    return shortened(`${plainName(question.text)} You answered: ${plainName(answered.answer)}`, longestLine)
  }
  if (approval === null || decided === null || decided.by === "rule" || decided.decision === "withdrawn") return null
  const verdict = { once: "Allowed", run: "Allowed for this run", always: "Always allowed", deny: "Denied" }[
    decided.decision
  ]
  const note = decided.note === null || decided.note === "" ? "" : `. ${plainName(decided.note)}`
  return shortened(`${verdict}: ${plainName(approval.intent)}${note}`, longestLine)
}

const whyOf = ({ result }: TimelineTool, state: "failed" | "refused" | "unknown"): string => {
  if (state === "unknown") return "nobody knows whether it was done"
  if (result?.exit_code !== undefined && result.exit_code !== null) return `exit code ${result.exit_code}`
  const first = (result?.error ?? result?.output ?? "").trim().split("\n", 1)[0] ?? ""
  return first === "" ? "it failed" : shortened(plainName(first.replace(/^refused: /, "")), 200)
}

const told = new Set(["run.plan_set", "budget.raised", "run.steered"])
const noticed = new Set(["membrane.refused", "watcher.signal", "budget.reached", "worker.task.failed"])

const itemOfNote = (note: Note, { step }: TimelineStep): ReadonlyArray<StoryItem> => {
  const of = { key: `n${note.seq}`, step, at: note.at }
  const isOfPerson = note.type === "run.paused" && field(note.payload, "by") === "user"
  const decides = told.has(note.type) || isOfPerson
  if (!decides && !noticed.has(note.type)) return []
  // What a person said stands at the head of the phase that it began.
  if (note.type === "run.steered") return []
  const text = noteWords(note)?.text ?? note.type
  return [decides ? { ...of, kind: "decision", text } : { ...of, kind: "finding", text, tool: null }]
}

/** A step whose last call to the model failed; one that was tried again and went well is no news. */
const failureOf = ({ calls, step }: TimelineStep): ReadonlyArray<StoryItem> => {
  const last = calls.at(-1)
  if (last?.error === undefined || last.error === null || last.error.kind === "interrupted") return []
  const text = `The model did not answer: ${shortened(plainName(last.error.message), 200)}`
  return [{ key: last.call_id, step, at: last.ended_at ?? last.started_at, kind: "finding", text, tool: null }]
}

const checks =
  /(?:^|[\s;&|(])(?:(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:test|t|build|lint|check|typecheck|type-check)\b|(?:npx\s+)?(?:vitest|jest|mocha|playwright\s+test|tsc|eslint|biome|prettier)\b|node\s+--test\b|pytest\b|python3?\s+-m\s+(?:pytest|unittest)\b|ruff\b|mypy\b|cargo\s+(?:test|build|check|clippy)\b|go\s+(?:test|build|vet)\b|make(?:\s+(?:test|check|build|lint|all))?\s*(?:$|[;&|])|ctest\b|mvn\s+\S*(?:test|verify|package)\b|(?:\.\/)?gradlew?\s+\S*(?:test|build|check)\b|dotnet\s+(?:test|build)\b)/

export const isCheck = (tool: TimelineTool): boolean =>
  kindOf(tool) === "shell" && tool.started_at !== null && checks.test(textArg(tool, "command") ?? "")

/** What was done that needs no line of its own: "Read 7 files, 3 searches, ran 2 commands". */
const wordsOf = (tools: ReadonlyArray<TimelineTool>): string => {
  const [only] = tools
  if (only !== undefined && tools.length === 1) {
    const { object, verb } = verbOf(only, "done")
    return shortened(`${verb} ${object}`.trim(), longestLine)
  }
  const of = (kind: ReturnType<typeof kindOf>) => tools.filter((tool) => kindOf(tool) === kind)
  const files = new Set(of("read").map((tool) => textArg(tool, "path") ?? textArg(tool, "name") ?? tool.asked.call_id))
  const parts: ReadonlyArray<readonly [count: number, words: (count: string) => string, one: string, many: string]> = [
    [files.size, (n) => `read ${n}`, "file", "files"],
    [of("list").length, (n) => `listed ${n}`, "folder", "folders"],
    [of("search").length, (n) => n, "search", "searches"],
    [of("output").length, (n) => `looked at ${n}`, "output", "outputs"],
    [of("log").length, (n) => n, "look into the log", "looks into the log"],
    [of("shell").length, (n) => `ran ${n}`, "command", "commands"],
    [of("edit").length, (n) => `meant to write ${n}`, "file", "files"],
    [of("delegate").length, (n) => `handed out ${n}`, "piece of work", "pieces of work"],
    [of("plan").length, (n) => `planned ${n}`, "time", "times"],
    [of("message").length, (n) => n, "message", "messages"],
    [of("show").length, (n) => `showed ${n}`, "thing", "things"],
    [of("other").length, (n) => `used ${n}`, "other tool", "other tools"]
  ]
  const said = parts.flatMap(([n, words, one, many]) => (n === 0 ? [] : [words(`${n} ${n === 1 ? one : many}`)]))
  const words = said.join(", ")
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

/** Of all together, in milliseconds; null where none of them says. */
export const durationOf = (tools: ReadonlyArray<TimelineTool>): number | null => {
  const known = tools.flatMap(({ result }) => result?.duration_ms ?? [])
  return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0)
}

/** A phase that nobody gave words: what was done in it. */
const headingOf = ({ items, plans }: OwnPhase): string => {
  if (plans) return "Made a plan"
  const first = items.find(({ kind }) => kind !== "decision") ?? items[0]
  // Nothing but its answer, or nothing yet.
  if (first === undefined) return ""
  switch (first.kind) {
    case "calls":
      return shortened(first.words, longestHeading)
    case "decision":
      return "Went on"
    case "finding":
      return "Ran into trouble"
    case "need":
      return "Waits for you"
    case "artifact":
    case "check": {
      const { object, verb } = verbOf(first.tool, first.tool.result === null ? "running" : "done")
      return shortened(`${verb} ${object}`.trim(), longestHeading)
    }
  }
}

const plannedPhases = (
  steps: ReadonlyArray<TimelineStep>,
  { ended_at, plan, tasks }: StoryOf
): ReadonlyArray<StoryPhase> => {
  if (plan === null) return []
  const ends = endsOf(steps)
  return plan.parts.map((part): StoryPhase => {
    const task = tasks.find(({ task_id }) => task_id === part.task_id)
    const words =
      task?.status === "completed" ? joined(sentencesOf(plainProse(task.output.replace(evidencePart, "")))) : ""
    const status = partPhases[part.status]
    return {
      id: `p${part.id}`,
      heading: shortened(plainName(part.objective), longestHeading),
      // The run is over: what was to come does not come.
      status: ended_at !== null && (status === "queued" || status === "working") ? "stopped" : status,
      started_at: task?.started_at ?? null,
      ended_at: part.task_id === null ? null : (ends.get(part.task_id) ?? null),
      words: part.status === "blocked" ? "A part before it has not succeeded." : words,
      items: [],
      work: { agent: task?.agent ?? part.agent ?? part.capability ?? "agent", run_id: part.task_id }
    }
  })
}

const partPhases: Readonly<Record<NonNullable<RunDetail["plan"]>["parts"][number]["status"], RunPhase>> = {
  waiting: "queued",
  ready: "queued",
  open: "working",
  completed: "done",
  failed: "failed",
  cancelled: "stopped",
  blocked: "stopped"
}

/** When the work that was handed out ended, by its task. */
const endsOf = (steps: ReadonlyArray<TimelineStep>): ReadonlyMap<string, string> => {
  const ends = new Map<string, string>()
  for (const step of steps) {
    for (const { work } of step.tools) {
      for (const { ended_at, task_id } of work) if (ended_at !== null) ends.set(task_id, ended_at)
    }
    for (const { at, payload, type } of step.notes) {
      const task_id = /^worker\.task\.(completed|failed|cancelled)$/.test(type) ? field(payload, "task_id") : null
      if (task_id !== null) ends.set(task_id, field(payload, "finished_at") ?? at)
    }
  }
  return ends
}

const longestHeading = 120
const longestLine = 300
/** Characters of a text that are looked at for its first sentences. */
const lookedAt = 2_000

const textOf = ({ calls }: TimelineStep): string =>
  calls
    .filter(({ purpose }) => purpose === "step")
    .map(({ text }) => text)
    .findLast((text) => text.trim() !== "") ?? ""

const isAnswer = (step: TimelineStep): boolean =>
  step.tools.length === 0 && textOf(step) !== "" && (step.finish === "stop" || step.finish === "length")

/** Markdown without its marks, as one line. Code is left out, and lists, where there is something beside them. */
const plainProse = (text: string): string => {
  const prose = text.slice(0, lookedAt).replace(/```[\s\S]*?(?:```|$)/g, "\n")
  const rest = prose.replace(listed, "")
  return plainLine(rest.trim() === "" ? prose : rest)
}

const listed = /^[ \t]*(?:[-*+]|\d+[.)])[ \t]+.*$/gm

const plainLine = (text: string): string => {
  const line = text
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/^[ \t]*(?:#{1,6}|>|[-*+]|\d+[.)])[ \t]+/gm, "")
    .replace(/(\*\*|__|`|~~)/g, "")
    .replace(/\s+/g, " ")
    .trim()
  return line === "" ? "" : plainName(line)
}

/** What the record shows is told beside the words of who did it. */
const evidencePart = /\n*\[evidence, from the record\][\s\S]*$/

const sentencesOf = (prose: string): ReadonlyArray<string> =>
  (prose.match(/[^.!?]+(?:[.!?](?!\s|$)[^.!?]*)*(?:[.!?]+(?=\s|$)|$)/g) ?? [prose]).map((sentence) => sentence.trim())

/** The first sentence, or what of it stands before a colon, and the one or two after it. */
const headed = (prose: string): readonly [heading: string, words: string] => {
  const [first = "", ...more] = sentencesOf(prose)
  const [heading = "", ...rest] = first.split(/:(?=\s|$)/)
  return [shortened(heading.replace(/[.]+$/, ""), longestHeading), joined([rest.join(":").trim(), ...more])]
}

/** What only leads to something that is not shown here says nothing. */
const joined = (sentences: ReadonlyArray<string>): string =>
  shortened(
    sentences
      .filter((sentence) => sentence !== "" && !sentence.endsWith(":"))
      .slice(0, 2)
      .join(" "),
    longestLine
  )
