/**
 * The model that answers when there is no other: no intelligence, a small grammar, and real tools.
 *
 * Law: the same request gets the same answer (but for the ids of calls), and it never claims what a tool did not say.
 * It makes one call a step, in the order of the message, and ends with what the tools gave, quoted. With the tool `plan` it
 * makes parts of what it is asked for; with `delegate` alone it gives what begins with `do` to who can plan.
 */
import { ownObjective, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { type DemoAct, type DemoPart, demoHelp, parseDemo, parseTogether, phraseOf } from "./demoGrammar.ts"
import type { Model, ModelMessage, ModelPart, ModelRequest, ModelTool } from "./Model.ts"

type Result = Extract<ModelMessage, { role: "tool" }>

export const makeDemoModel = (options: { readonly delayMs: number }): Model => ({
  id: "demo",
  stream: (request) =>
    Stream.suspend(() => {
      const parts = Stream.fromIterable(answer(request))
      return options.delayMs <= 0
        ? parts
        : Stream.mapEffect(parts, (part) => Effect.as(Effect.sleep(options.delayMs), part))
    })
})

/** One thing that the user wants, and the call that does it, if it takes one and there is a tool for it. */
interface Wish {
  readonly act: Act
  readonly call: { readonly name: string; readonly args: Readonly<Record<string, unknown>> } | null
}

type Act =
  | DemoAct
  | { readonly _tag: "Plan"; readonly parts: ReadonlyArray<Part> }
  | { readonly _tag: "Delegate"; readonly agent: string; readonly text: string }
  /** What came of work that was handed out. */
  | ({ readonly _tag: "Came" } & Outcome)
  /** Said by an agent, a watcher or a check. */
  | { readonly _tag: "Heard"; readonly from: string; readonly text: string }
  | { readonly _tag: "Unknown"; readonly text: string }

interface Part {
  readonly id: string
  readonly objective: string
  readonly agent: string
  readonly after: ReadonlyArray<string>
}

interface Outcome {
  readonly part: string | null
  readonly run: string
  readonly agent: string
  readonly status: string
  readonly output: string
}

const answer = (request: ModelRequest): ReadonlyArray<ModelPart> => {
  const ask = currentAsk(withoutNotices(request.messages), request.tools)
  const next = ask.wishes.filter(({ call }) => call !== null)[ask.results.length]
  if (next?.call == null) return say(reports(ask).join("\n\n"))

  const left = ask.results.length === 0 ? undone(ask.earlier, request.tools) : ""
  const opening = left === "" ? "" : `Your new message comes first; not done: ${left}. `
  return [
    ...words(`${opening}I ${intention(next.act)}.`),
    { _tag: "ToolCall", callId: `demo_${ulid()}`, name: next.call.name, args: JSON.stringify(next.call.args) },
    { _tag: "End", finishReason: "tool_calls", usage: noTokens }
  ]
}

const isNotice = (message: ModelMessage): boolean =>
  message.role === "user" && /^\[notice of the [^\]\n]*\]\n/.test(message.text)

/** What a watcher says is no wish: while there is one to work at, it goes on with that. */
const withoutNotices = (messages: ReadonlyArray<ModelMessage>): ReadonlyArray<ModelMessage> => {
  const rest = messages.filter((message) => !isNotice(message))
  return rest.length === 0 || rest.at(-1)?.role === "assistant" ? messages : rest
}

interface Ask {
  readonly earlier: ReadonlyArray<ModelMessage>
  readonly wishes: ReadonlyArray<Wish>
  readonly results: ReadonlyArray<Result>
}

/** The last messages of the user in a row, and what has come of them so far. */
const currentAsk = (messages: ReadonlyArray<ModelMessage>, tools: ReadonlyArray<ModelTool>): Ask => {
  const last = messages.findLastIndex((message) => message.role === "user")
  let first = last
  while (messages[first - 1]?.role === "user") first--
  const wishes = messages
    .slice(Math.max(first, 0), last + 1)
    .filter((message) => message.role === "user")
    .flatMap(({ text }) => wishesOf(text, tools))
  return {
    earlier: messages.slice(0, Math.max(first, 0)),
    wishes,
    results: messages.slice(last + 1).filter((message) => message.role === "tool")
  }
}

const wishesOf = (message: string, tools: ReadonlyArray<ModelTool>): ReadonlyArray<Wish> => {
  const told = toldIn(message)
  if (told !== null) return [{ act: told, call: null }]
  const text = ownObjective(message)
  const together = parseTogether(text)
  const acts = parseDemo(text)
  if (acts.length === 0) return [{ act: { _tag: "Unknown", text }, call: null }]
  const wishes = acts.map((act): Wish => ({ act, call: callFor(act, tools) }))
  const hands = wishes.every(({ act, call }) => call !== null || act._tag === "Help")
  if (has(tools, "plan") && (together !== null || !hands)) {
    const parts = partsOf(together ?? acts.map((act) => ({ act, later: false })))
    return [{ act: { _tag: "Plan", parts }, call: { name: "plan", args: { parts } } }]
  }
  if (has(tools, "delegate") && together !== null && together.length > 1) {
    const args = { agent: "conductor", objective: text }
    return [{ act: { _tag: "Delegate", agent: args.agent, text }, call: { name: "delegate", args } }]
  }
  return wishes
}

const has = (tools: ReadonlyArray<ModelTool>, name: string): boolean => tools.some((tool) => tool.name === name)

/** Each part after all that were asked for before the last `then`. */
const partsOf = (parts: ReadonlyArray<DemoPart>): ReadonlyArray<Part> => {
  const ids = parts.map(({ act }, index) => `${index + 1}-${act._tag.toLowerCase()}`)
  let from = 0
  let before: ReadonlyArray<string> = []
  return parts.map(({ act, later }, index) => {
    if (later) {
      before = ids.slice(from, index)
      from = index
    }
    return { id: ids[index] ?? "", objective: phraseOf(act), agent: ownerOf(act), after: before }
  })
}

/** Who has the tools for it. */
const ownerOf = (act: DemoAct): string => {
  switch (act._tag) {
    case "Run":
      return "terminal"
    case "Write":
    case "Edit":
      return "code"
    default:
      return "research"
  }
}

/** What others than the user say to a run begins with who they are. */
const toldIn = (message: string): Act | null => {
  const [, part, ofPart, task, agent = "", status = "", output = ""] =
    /^\[(?:part "([^"]*)" \(task (\w+)\)|task (\w+)), done by the agent ([\w-]+): (\w+)\]\n([\s\S]*)$/.exec(message) ??
    []
  const run = ofPart ?? task
  if (run !== undefined) return { _tag: "Came", part: part ?? null, run, agent, status, output }
  const [, from, text = ""] =
    /^\[((?:message from the agent|note of the agent|notice of the|check:) [^\]\n]*)\]\n([\s\S]*)$/.exec(message) ?? []
  return from === undefined ? null : { _tag: "Heard", from, text }
}

/** What an earlier message asked for and did not get, because a newer one came in between. */
const undone = (earlier: ReadonlyArray<ModelMessage>, tools: ReadonlyArray<ModelTool>): string => {
  if (earlier.at(-1)?.role !== "tool") return ""
  const { results, wishes } = currentAsk(earlier, tools)
  return wishes
    .filter(({ call }) => call !== null)
    .slice(results.length)
    .map(({ act }) => intention(act))
    .join(", ")
}

const reports = ({ results, wishes }: Ask): ReadonlyArray<string> => {
  let done = 0
  return wishes.map((wish) => {
    if (wish.act._tag === "Unknown") return notUnderstood(wish.act.text)
    if (wish.act._tag === "Help") return help
    if (wish.act._tag === "Came") return cameOf(wish.act)
    if (wish.act._tag === "Heard") return heard(wish.act)
    const result = wish.call === null ? undefined : results[done++]
    return result === undefined
      ? `I can't ${intention(wish.act)}: the tool for it is not among those that I was given.`
      : outcome(wish.act, result)
  })
}

const cameOf = ({ agent, output, part, run, status }: Outcome): string => {
  const what = part === null ? `The agent ${agent}` : `Part ${quoted(part)}, by the agent ${agent}`
  const said = output.trim() === "" ? "" : `\n\n${asQuote(output.trim())}`
  return `${what}: ${status} (run ${quoted(run)}).${said}`
}

const heard = ({ from, text }: Extract<Act, { readonly _tag: "Heard" }>): string =>
  from.startsWith("check:")
    ? `I was told (${from}): ${oneLine(text)} I am the demo model: I run tests only when I am told how, such as ${quoted("$ npm test")}.`
    : `I heard a ${from}: ${oneLine(text)}`

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim().slice(0, 300)

/** Text of others, each line marked as theirs. */
const asQuote = (text: string): string => {
  const cut = text.length > longest ? `${text.slice(0, longest).toWellFormed()}\n(and more)` : text
  return cut
    .split("\n")
    .map((line) => `> ${line}`.trimEnd())
    .join("\n")
}

const intention = (act: Wish["act"]): string => {
  switch (act._tag) {
    case "Run":
      return `run ${quoted(act.command)}`
    case "List":
      return `list the files in ${quoted(act.path)}`
    case "Read":
      return `read ${quoted(act.path)}`
    case "Write":
      return `write ${quoted(act.path)}`
    case "Edit":
      return `edit ${quoted(act.path)}`
    case "Search":
      return `search for ${quoted(act.text)} in ${quoted(act.path)}`
    case "Show":
      return `show ${quoted(act.path)}${act.line === null ? "" : ` at line ${act.line}`}`
    case "Open":
      return `open the app ${act.app}`
    case "Notify":
      return `tell you by a notice: ${act.text}`
    case "Ask":
      return `ask you: ${act.question}`
    case "Plan":
      return `make a plan of ${act.parts.length} ${act.parts.length === 1 ? "part" : "parts"}`
    case "Delegate":
      return `give this to the agent ${act.agent}`
    default:
      return "answer"
  }
}

const outcome = (act: Act, result: Result): string => {
  const said = block(result.output)
  if (result.isError) {
    return said === ""
      ? `I tried to ${intention(act)}, and it failed.`
      : `I tried to ${intention(act)}, and it failed:\n\n${said}`
  }
  switch (act._tag) {
    case "Run":
      return said === ""
        ? `${quoted(act.command)} ran and printed nothing.`
        : `${quoted(act.command)} printed:\n\n${said}`
    case "List":
      return said === "" ? `${quoted(act.path)} is empty.` : `The files in ${quoted(act.path)}:\n\n${said}`
    case "Read":
      return said === "" ? `${quoted(act.path)} is empty.` : `${quoted(act.path)} says:\n\n${said}`
    case "Search":
      return said === "" ? `Nothing holds ${quoted(act.text)}.` : `Found for ${quoted(act.text)}:\n\n${said}`
    case "Ask":
      return `You answered: ${result.output}`
    case "Plan":
      return `The plan, which the agents work on now:\n\n${act.parts.map(partLine).join("\n")}`
    case "Delegate":
      return `The agent ${act.agent} has it now. I say what came of it when it is there.`
    default:
      return said === "" ? `Done: ${intention(act)}.` : `Done: ${intention(act)}.\n\n${said}`
  }
}

const partLine = ({ after, agent, id, objective }: Part): string =>
  `- ${quoted(id)}, by ${agent}${after.length === 0 ? "" : `, after ${after.map(quoted).join(", ")}`}: ${quoted(objective)}`

/** Tools by name, and for each what we give it by the names that it may use for that. */
const callFor = (act: DemoAct, tools: ReadonlyArray<ModelTool>): Wish["call"] => {
  const wanted = wantedCall(act, tools)
  const tool = tools.find(({ name }) => name === wanted?.name)
  if (wanted === null || tool === undefined) return null
  const properties = tool.parameters.properties
  const args: Record<string, string | number> = {}
  for (const [names, value] of wanted.args) {
    const name = names.find((one) => Predicate.hasProperty(properties, one)) ?? names[0]
    if (name !== undefined) args[name] = value
  }
  return { name: tool.name, args }
}

type WantedArgs = ReadonlyArray<readonly [names: ReadonlyArray<string>, value: string | number]>

const wantedCall = (
  act: DemoAct,
  tools: ReadonlyArray<ModelTool>
): { readonly name: string; readonly args: WantedArgs } | null => {
  const path = ["path", "file_path", "file", "directory"]
  switch (act._tag) {
    case "Run":
      return { name: "bash", args: [[["command", "cmd"], act.command]] }
    case "List":
      return { name: "list_files", args: [[path, act.path]] }
    case "Read":
      return { name: "read_file", args: [[path, act.path]] }
    case "Write":
      return {
        name: "write_file",
        args: [
          [path, act.path],
          [["content", "text"], act.content]
        ]
      }
    case "Edit":
      return {
        name: "edit_file",
        args: [
          [path, act.path],
          [["old_text", "old_string", "old", "before"], act.before],
          [["new_text", "new_string", "new", "after"], act.after]
        ]
      }
    case "Search":
      // The tool takes a pattern; the user gave a text.
      return {
        name: "search_files",
        args: [
          [["pattern", "query", "text"], escapePattern(act.text)],
          [path, act.path]
        ]
      }
    case "Show": {
      if (!has(tools, "ui")) return wantedCall({ _tag: "Read", path: act.path }, tools)
      const line: WantedArgs = act.line === null ? [] : [[["line"], act.line]]
      return { name: "ui", args: [[["action"], "show_file"], [path, act.path], ...line] }
    }
    case "Open":
      return {
        name: "ui",
        args: [
          [["action"], "open_window"],
          [["app"], act.app]
        ]
      }
    case "Notify":
      return {
        name: "ui",
        args: [
          [["action"], "notify"],
          [["title"], act.text]
        ]
      }
    case "Ask":
      return { name: "ask_user", args: [[["question", "text"], act.question]] }
    case "Help":
      return null
  }
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")

const help = [
  "I am the demo model: no artificial intelligence, a few phrases that I know, and real tools. I understand:",
  demoHelp.map((line) => `- ${quoted(line)}`).join("\n"),
  "For a real model set `CHOIR_MODEL`, for example `CHOIR_MODEL=anthropic/claude-sonnet-5-5` with `ANTHROPIC_API_KEY`."
].join("\n\n")

const notUnderstood = (message: string): string =>
  `I did not understand ${quoted(message.replace(/\s+/g, " ").slice(0, 80))}.\n\n${help}`

const noTokens = { inputTokens: 0, outputTokens: 0 }

const say = (text: string): ReadonlyArray<ModelPart> => [
  ...words(text),
  { _tag: "End", finishReason: "stop", usage: noTokens }
]

const words = (text: string): ReadonlyArray<ModelPart> =>
  (text.match(/\s*\S+\s*?/g) ?? []).map((word) => ({ _tag: "Text", text: word }))

/** Longest output that is quoted in an answer, in UTF-16 code units. */
const longest = 4_000

const block = (output: string): string => {
  const text = output.replace(/\s+$/, "")
  if (text === "") return ""
  const fence = fenceFor(text, "```")
  const cut =
    text.length > longest
      ? `${text.slice(0, longest).toWellFormed()}\n(and ${text.length - longest} more characters)`
      : text
  return `${fence}\n${cut}\n${fence}`
}

function quoted(text: string): string {
  const fence = fenceFor(text, "`")
  const room = text.startsWith("`") || text.endsWith("`") ? " " : ""
  return `${fence}${room}${text}${room}${fence}`
}

/** A fence that the text doesn't hold. */
function fenceFor(text: string, shortest: string): string {
  let fence = shortest
  while (text.includes(fence)) fence += "`"
  return fence
}
