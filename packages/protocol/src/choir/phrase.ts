/** A tool call in a verb and an object: "Running" and "npm test". */
import { plainLine } from "./lines.ts"

export interface ToolPhrase {
  /** While it is done: "Running". */
  readonly verb: string
  /** Before it may be: "run". */
  readonly act: string
  /** Of what; empty where the verb says it all. */
  readonly object: string
}

/** What is done, what is asked for, and the arguments of which the first that is there is the object. */
const phrases: Readonly<Record<string, readonly [verb: string, act: string, ...names: ReadonlyArray<string>]>> = {
  bash: ["Running", "run", "command"],
  job_output: ["Watching a job", "watch a job"],
  job_stop: ["Stopping a job", "stop a job"],
  read_output: ["Reading on in an output", "read on in an output"],
  read_file: ["Reading", "read", "path"],
  write_file: ["Writing", "write", "path"],
  edit_file: ["Editing", "edit", "path"],
  list_files: ["Listing", "list", "path"],
  search_files: ["Searching for", "search for", "pattern"],
  search_events: ["Searching the log for", "search the log for", "query"],
  read_events: ["Reading the log", "read the log"],
  read_skill: ["Reading the skill", "read the skill", "name"],
  delegate: ["Handing out", "hand out", "objective"],
  plan: ["Planning", "plan"],
  ask_user: ["Asking", "ask", "question", "text"],
  message: ["Messaging", "message", "to"],
  note: ["Noting", "note", "text"],
  ui: ["Showing", "show", "path", "app", "title"]
}

/** Arguments that tell most of a tool that is not known. */
const telling = ["path", "file", "url", "command", "query", "pattern", "name", "text"]

/** Characters of an object. */
const longest = 120

export const toolPhrase = (tool_name: string, tool_args: string): ToolPhrase => {
  const known = phrases[tool_name]
  const name = plainLine(tool_name, 60)
  if (known === undefined) {
    const object = argument(tool_args, telling)
    return { verb: "Using", act: "use", object: object === "" ? name : plainLine(`${name} ${object}`, longest) }
  }
  const [verb, act, ...names] = known
  const object = argument(tool_args, names)
  return { verb, act, object: object === "" && tool_name === "list_files" ? "the workspace" : object }
}

/** Arguments of this length and more are looked through for what is wanted, and not read whole. */
const long = 8_000

const argument = (tool_args: string, names: ReadonlyArray<string>): string => {
  if (names.length === 0) return ""
  const fields = tool_args.length < long ? parsed(tool_args) : null
  for (const name of names) {
    const value = fields === null ? within(tool_args, name) : fields[name]
    if (typeof value === "string" && value.trim() !== "") return plainLine(value.slice(0, 8 * longest), longest)
  }
  return ""
}

const parsed = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

/** A string in a document that is long, or was cut. */
const within = (text: string, name: string): string => {
  const found = text.match(new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.){0,1000}"?)`))?.[1]
  if (found === undefined) return ""
  const read = parsedString(found) ?? parsedString(`${found}"`)
  return typeof read === "string" ? read : ""
}

const parsedString = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
