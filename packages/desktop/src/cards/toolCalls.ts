/**
 * A tool's call in words: what kind of act it is, on what, and how it stands.
 *
 * Law: it is said to be done only where there is a result that says so; what nobody knows is called unknown.
 */
import type { TimelineTool } from "@choiros/protocol"
import { plainName, shortened } from "../content/plainText.ts"

export type ToolKind =
  | "shell"
  | "output"
  | "read"
  | "list"
  | "search"
  | "edit"
  | "log"
  | "delegate"
  | "plan"
  | "question"
  | "message"
  | "show"
  | "other"

export type CallState =
  | "asked"
  | "waiting"
  | "running"
  | "going_on"
  | "done"
  | "failed"
  | "denied"
  | "refused"
  | "cancelled"
  | "unknown"
  | "not_begun"

interface Known {
  readonly kind: ToolKind
  /** "Running", "Ran", "Run". */
  readonly forms: readonly [doing: string, did: string, act: string]
  /** Arguments of which the first that is there is the object. */
  readonly objects: ReadonlyArray<string>
}

const known: Readonly<Record<string, Known>> = {
  bash: { kind: "shell", forms: ["Running", "Ran", "Run"], objects: ["command"] },
  job_output: { kind: "output", forms: ["Reading", "Read", "Read"], objects: [] },
  job_stop: { kind: "shell", forms: ["Stopping", "Stopped", "Stop"], objects: [] },
  read_output: { kind: "output", forms: ["Reading", "Read", "Read"], objects: [] },
  read_file: { kind: "read", forms: ["Reading", "Read", "Read"], objects: ["path"] },
  read_skill: { kind: "read", forms: ["Reading", "Read", "Read"], objects: ["name"] },
  list_files: { kind: "list", forms: ["Listing", "Listed", "List"], objects: ["path"] },
  search_files: { kind: "search", forms: ["Searching for", "Searched for", "Search for"], objects: ["pattern"] },
  write_file: { kind: "edit", forms: ["Writing", "Wrote", "Write"], objects: ["path"] },
  edit_file: { kind: "edit", forms: ["Editing", "Edited", "Edit"], objects: ["path"] },
  search_events: { kind: "log", forms: ["Searching", "Searched", "Search"], objects: [] },
  read_events: { kind: "log", forms: ["Reading", "Read", "Read"], objects: [] },
  delegate: { kind: "delegate", forms: ["Handing out", "Handed out", "Hand out"], objects: ["objective"] },
  plan: { kind: "plan", forms: ["Planning", "Planned", "Plan"], objects: [] },
  ask_user: { kind: "question", forms: ["Asking", "Asked", "Ask"], objects: ["question"] },
  message: { kind: "message", forms: ["Messaging", "Told", "Tell"], objects: ["to"] },
  note: { kind: "message", forms: ["Noting", "Noted", "Note"], objects: ["text"] },
  ui: { kind: "show", forms: ["Showing", "Showed", "Show"], objects: ["path", "title", "app"] }
}

/** What stands for the object where the arguments name none. */
const fixed: Readonly<Record<string, string>> = {
  job_output: "what a job printed",
  job_stop: "a job",
  read_output: "on in an output",
  list_files: "the workspace",
  search_events: "the log",
  read_events: "the log",
  read_skill: "a skill"
}

/** Arguments that tell most of a tool that is not known. */
const telling = ["path", "file", "url", "command", "query", "pattern", "name", "title", "text"]

/** Characters of an object. */
const longest = 200

const knownOf = (name: string): Known | undefined => (Object.hasOwn(known, name) ? known[name] : undefined)

export const kindOf = (tool: TimelineTool): ToolKind => knownOf(tool.asked.tool_name)?.kind ?? "other"

export const verbOf = (tool: TimelineTool, state: CallState): { readonly verb: string; readonly object: string } => {
  const { tool_name } = tool.asked
  const of = knownOf(tool_name)
  const args = argsOf(tool)
  if (of === undefined) {
    const object = firstText(args, telling)
    const name = shortened(plainName(tool_name), 80)
    const [doing, did, act] = ["Using", "Used", "Use"] as const
    return { verb: formOf([doing, did, act], state), object: object === "" ? name : `${name}: ${object}` }
  }
  const object = of.kind === "plan" ? partsOf(args.parts) : firstText(args, of.objects)
  return { verb: formOf(of.forms, state), object: object === "" || object === "." ? (fixed[tool_name] ?? "") : object }
}

const partsOf = (parts: unknown): string =>
  Array.isArray(parts) ? `${parts.length} ${parts.length === 1 ? "part" : "parts"}` : ""

/** What happened is told as past where it did, and as what was meant where it did not, or nobody knows. */
const formOf = ([doing, did, act]: Known["forms"], state: CallState): string =>
  state === "running" ? doing : state === "done" || state === "going_on" || state === "failed" ? did : act

/** `live`: the run is under way. What has no result when it is not, has none for good. */
export const callState = (tool: TimelineTool, live: boolean): CallState => {
  const { answered, approval, decided, question, result, started_at, work } = tool
  if (result !== null) {
    if (result.outcome === "unknown") return "unknown"
    if (result.outcome === "denied") return "denied"
    if (result.outcome === "cancelled") return "cancelled"
    if (!result.success) return result.error?.startsWith("refused: ") === true ? "refused" : "failed"
    return live && work.some(({ status }) => status === "running") ? "going_on" : "done"
  }
  if (decided?.decision === "deny") return "denied"
  if (!live) return started_at === null ? "not_begun" : "unknown"
  if (approval !== null && decided === null) return "waiting"
  if (question !== null && answered === null) return "waiting"
  return started_at === null ? "asked" : "running"
}

export const stateWords: Readonly<Record<CallState, string>> = {
  asked: "About to begin",
  waiting: "Waiting for you",
  running: "Running",
  going_on: "Goes on",
  done: "Done",
  failed: "Failed",
  denied: "Denied",
  refused: "Not permitted",
  cancelled: "Stopped",
  unknown: "Outcome unknown",
  not_begun: "Not begun"
}

/** Arguments of this length and more are not taken apart. */
const largest = 2_000_000

/** The arguments that it is acted with: a person may have changed what the model asked for. */
export const rawArgsOf = ({ asked, decided, started }: TimelineTool): string =>
  started?.tool_args ?? decided?.tool_args ?? asked.tool_args

const parsedArgs = new WeakMap<TimelineTool, Readonly<Record<string, unknown>>>()

export const argsOf = (tool: TimelineTool): Readonly<Record<string, unknown>> => {
  const before = parsedArgs.get(tool)
  if (before !== undefined) return before
  const value = parsed(rawArgsOf(tool))
  const args = typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {}
  parsedArgs.set(tool, args)
  return args
}

/** Undefined where it is no JSON. */
export const parsed = (text: string): unknown => {
  if (text.length > largest) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const textArg = (tool: TimelineTool, name: string): string | undefined => {
  const value = argsOf(tool)[name]
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The file that it is about, with the line that it begins at. */
export const fileOf = (tool: TimelineTool): { readonly path: string; readonly line?: number } | null => {
  const path = textArg(tool, "path")
  const kind = kindOf(tool)
  if (path === undefined || (kind !== "read" && kind !== "edit")) return null
  const line = argsOf(tool).first_line
  return typeof line === "number" && Number.isInteger(line) && line > 0 ? { path, line } : { path }
}

/** What it has given, as far as the log shows it. */
export const outputOf = ({ result, work }: TimelineTool): string =>
  result === null ? (work.at(-1)?.output ?? "") : result.output || result.error || ""

const firstText = (args: Readonly<Record<string, unknown>>, names: ReadonlyArray<string>): string => {
  for (const name of names) {
    const value = args[name]
    if (typeof value === "string" && value.trim() !== "")
      return shortened(plainName(value.slice(0, 8 * longest)), longest)
  }
  return ""
}
