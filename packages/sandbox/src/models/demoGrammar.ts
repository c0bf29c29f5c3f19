/**
 * What the demo model understands. Verbs in any case; quotes or backticks around a path, a text or a command are taken off.
 *
 *   $ COMMAND                              run a command, as it stands
 *   run COMMAND
 *   list files [in FOLDER] · ls [FOLDER]
 *   read FILE · cat FILE
 *   write FILE: TEXT · write "TEXT" to FILE · create FILE with TEXT
 *   edit FILE: OLD -> NEW · replace "OLD" with "NEW" in FILE
 *   search [files] for TEXT [in FOLDER]
 *   show FILE [at line N] · open FILE      on the desktop; where there is none, it is read
 *   open APP                               on the desktop: open terminal
 *   notify me: TEXT                        on the desktop
 *   ask me QUESTION
 *   do A and B, then C                     by several agents where there are any: A and B at the same time, C after them
 *   A and B                                one after the other
 *   help
 */
import { builtInApps } from "@choiros/protocol"

export type DemoAct =
  | { readonly _tag: "Run"; readonly command: string }
  | { readonly _tag: "List"; readonly path: string }
  | { readonly _tag: "Read"; readonly path: string }
  | { readonly _tag: "Write"; readonly path: string; readonly content: string }
  | { readonly _tag: "Edit"; readonly path: string; readonly before: string; readonly after: string }
  | { readonly _tag: "Search"; readonly text: string; readonly path: string }
  | { readonly _tag: "Show"; readonly path: string; readonly line: number | null }
  | { readonly _tag: "Open"; readonly app: string }
  | { readonly _tag: "Notify"; readonly text: string }
  | { readonly _tag: "Ask"; readonly question: string }
  | { readonly _tag: "Help" }

export const demoHelp = [
  "$ COMMAND, or run COMMAND",
  "list files [in FOLDER]",
  "read FILE",
  'write FILE: TEXT, or write "TEXT" to FILE',
  'edit FILE: OLD -> NEW, or replace "OLD" with "NEW" in FILE',
  "search files for TEXT [in FOLDER]",
  "show FILE [at line N], open APP, or notify me: TEXT, on the desktop",
  "ask me QUESTION",
  "A and B, one after the other",
  "do A and B, then C: by several agents, A and B at the same time"
]

/** The acts that a message asks for, in order; none when it is not understood. */
export const parseDemo = (message: string): ReadonlyArray<DemoAct> => {
  const text = message.trim()
  if (text.startsWith("$")) {
    const command = text.slice(1).trim()
    return command === "" ? [] : [{ _tag: "Run", command }]
  }
  const asked = text.replace(polite, "")
  if (asked.length > longestPhrase) {
    const [, path, content] = fileWithText.exec(asked) ?? []
    return path === undefined ? [] : [write(path, content)]
  }
  const listed = listedIn(asked)
  if (listed !== undefined) return (parseAll(listed) ?? []).map(({ act }) => act)
  // The text of a file may hold any word: it is never taken apart unasked.
  if (!/^(write|create|edit)\s(?:[^:"`]*|[^:"`]*(?:"[^"]*"|`[^`]*`)\s*):/i.test(asked)) {
    const several = parseAll(asked)
    if (several !== null) return several.map(({ act }) => act)
  }
  const one = parseOne(asked)
  return one === null ? [] : [one]
}

/** One of several things to do; `later`: after all those before it. */
export interface DemoPart {
  readonly act: DemoAct
  readonly later: boolean
}

/** What a message that begins with `do` asks for; null for any other. */
export const parseTogether = (message: string): ReadonlyArray<DemoPart> | null => {
  const listed = message.length > longestPhrase ? undefined : listedIn(message.trim().replace(polite, ""))
  return listed === undefined ? null : parseAll(listed)
}

/** The words for an act: understood again, they give it back. */
export const phraseOf = (act: DemoAct): string => {
  switch (act._tag) {
    case "Run":
      return `$ ${act.command}`
    case "List":
      return act.path === "." ? "list files" : `list files in ${inQuotes(act.path)}`
    case "Read":
      return `read ${inQuotes(act.path)}`
    case "Write":
      return `write ${inQuotes(act.path)}: ${act.content}`
    case "Edit":
      return `edit ${inQuotes(act.path)}: ${act.before} -> ${act.after}`
    case "Search":
      return `search files for ${inQuotes(act.text)}${act.path === "." ? "" : ` in ${inQuotes(act.path)}`}`
    case "Show":
      return `show ${quotedAlways(act.path)}${act.line === null ? "" : ` at line ${act.line}`}`
    case "Open":
      return `open ${act.app}`
    case "Notify":
      return `notify me: ${act.text}`
    case "Ask":
      return `ask me ${act.question}`
    case "Help":
      return "help"
  }
}

const inQuotes = (text: string): string => (/^[\w@~/-][\w@~./+-]*$/.test(text) ? text : quotedAlways(text))

/** A file may have the name of an app. */
const quotedAlways = (text: string): string => (text.includes('"') ? `\`${text}\`` : `"${text}"`)

const polite = /^(please|can you|could you|now)[,\s]+/i

const listedIn = (asked: string): string | undefined => /^do[\s:]+([\s\S]+)$/i.exec(asked)?.[1]

/** Beyond this many characters only a command or the text of a file is looked for: the patterns are not made for more. */
const longestPhrase = 4_000

/** Every part is understood, or it is not a list of acts. */
const parseAll = (text: string): ReadonlyArray<DemoPart> | null => {
  const parts: Array<DemoPart> = []
  for (const part of splitParts(text)) {
    const act = parseOne(part.text)
    if (act === null) return null
    parts.push({ act, later: part.later })
  }
  return parts.length === 0 ? null : parts
}

/** Splits at `and`, `then`, `and then` and `;`, but not within quotes. */
const splitParts = (text: string): ReadonlyArray<{ readonly text: string; readonly later: boolean }> => {
  const parts = [{ text: "", later: false }]
  const token = /"[^"]*"|`[^`]*`|\s*(?:,\s*|;\s*|\s)(?:and\s+then|and|then)\s+|\s*;\s+|[\s\S]/gi
  for (const [piece] of text.matchAll(token)) {
    const last = parts.at(-1)
    if (/^\s*(;\s+|[,;]?\s*(and|then)\b)/i.test(piece) && piece.length > 1) {
      parts.push({ text: "", later: /then\s+$/i.test(piece) })
    } else if (last !== undefined) last.text += piece
  }
  return parts.map((part) => ({ ...part, text: part.text.trim() })).filter((part) => part.text !== "")
}

const apps = builtInApps.map(({ id }) => id)

/** `free`: what is asked for ends with text of the user's own, whose full stop is part of it. */
type Rule = readonly [pattern: RegExp, act: (...groups: ReadonlyArray<string>) => DemoAct, end?: "free"]

const run = (command = ""): DemoAct => ({ _tag: "Run", command: unquote(command) })
const list = (path = ""): DemoAct => ({ _tag: "List", path: asFolder(path) })
const read = (path = ""): DemoAct => ({ _tag: "Read", path: unquote(path) })
const write = (path = "", content = ""): DemoAct => ({ _tag: "Write", path: unquote(path), content: unquote(content) })
const open = (app: string): DemoAct => ({ _tag: "Open", app: app.toLowerCase() })
const edit = (path = "", before = "", after = ""): DemoAct => ({
  _tag: "Edit",
  path: unquote(path),
  before: unquote(before),
  after: unquote(after)
})
const show = (path = "", line = ""): DemoAct => ({
  _tag: "Show",
  path: unquote(path),
  line: line === "" ? null : Number(line)
})
const search = (text = "", path = ""): DemoAct => ({ _tag: "Search", text: unquote(text), path: asFolder(path) })

/** `FILE` stands for a path, with or without quotes; `THE` for words that mean nothing before it. */
const phrase = (pattern: string): RegExp =>
  new RegExp(
    `^${pattern}$`.replaceAll("FILE", '(\\S+|"[^"]+"|`[^`]+`)').replaceAll("THE", "(?:(?:the|a|me) +)*(?:file +)?"),
    "i"
  )

const fileWithText = phrase('(?:write|create) +THE([^\\s":`]+|"[^"]+"|`[^`]+`)\\s*:\\s?([^]*)')

const rules: ReadonlyArray<Rule> = [
  [phrase("\\$\\s*([^]+)"), (command = "") => ({ _tag: "Run", command: command.trim() }), "free"],
  [phrase("ask +me(?: *[:,])? +([^]+)"), (question = "") => ({ _tag: "Ask", question: unquote(question) }), "free"],
  [phrase("(?:run|execute)\\s+(?:the\\s+)?(?:command\\s+)?([^]+)"), run, "free"],
  [
    phrase("(?:list|show)(?: +(?:me|all|the|my))* +(?:files?|folders?|directory)(?: +(?:in|of|under|from) +(.+))?"),
    list
  ],
  [phrase("ls(?: +([^-\\s].*))?"), list],
  [phrase("what +files +are +(?:here|there)"), () => list()],
  [fileWithText, write, "free"],
  [
    phrase('(?:write|put|save)\\s+("[^]*"|`[^]*`|[^]+?)\\s+(?:in)?to +THEFILE'),
    (content, path) => write(path, content)
  ],
  [
    phrase("(?:write|create) +THE(?:called +|named +)?FILE\\s+with\\s+(?:the\\s+)?(?:text\\s+|content\\s+)?([^]+)"),
    write,
    "free"
  ],
  [phrase('edit +THE([^\\s":`]+|"[^"]+"|`[^`]+`)\\s*:\\s*([^]+?)\\s*(?:->|=>|→)\\s*([^]*)'), edit, "free"],
  [
    phrase('(?:replace|change)\\s+("[^]*?"|`[^]*?`|\\S+)\\s+(?:with|to|by)\\s+("[^]*?"|`[^]*?`|\\S+)\\s+in +THEFILE'),
    (before, after, path) => edit(path, before, after)
  ],
  [
    phrase(
      '(?:search(?: +(?:the|all|my))?(?: +files?)? +for|find|grep(?: +for)?) +("[^"]+"|`[^`]+`|.+?)(?: +(?:in|under) +FILE)?'
    ),
    search
  ],
  [phrase("(?:read|cat) +THEFILE"), read],
  [phrase(`(?:open|show)(?: +me)?(?: +the)?(?: +app)? +(${apps.join("|")})(?: +app)?`), (app = "") => open(app)],
  [phrase("(?:show|open) +THEFILE(?:(?: +at)? +line +([1-9]\\d{0,6}))?"), show],
  [
    phrase("notify(?: +me)?(?: *[:,]| +that)? +([^]+)"),
    (text = "") => ({ _tag: "Notify", text: unquote(text) }),
    "free"
  ],
  [phrase("(?:help|hello|hi|hey|what +can +you +do|who +are +you)(?: +me)?"), () => ({ _tag: "Help" })]
]

const parseOne = (text: string): DemoAct | null => {
  const asked = text.trim()
  const quoted = asked.replace(/(?<=["`])[.?!]$/, "")
  const sentence = asked.replace(/(?<=[\w"'`/])[.?!]$/, "")
  for (const [pattern, act, end] of rules) {
    const found = pattern.exec(end === "free" ? quoted : sentence)
    if (found !== null) return act(...found.slice(1).map((group) => group ?? ""))
  }
  return null
}

/** Takes the quotes off a text that is quoted as a whole. */
const unquote = (text: string): string => {
  const trimmed = text.trim()
  const quote = trimmed[0]
  const inner = trimmed.slice(1, -1)
  const isQuoted = quote !== undefined && "\"'`".includes(quote) && trimmed.length > 1 && trimmed.endsWith(quote)
  return isQuoted && !inner.includes(quote) ? inner : trimmed
}

const asFolder = (text: string): string => {
  const folder = unquote(text)
  return folder === "" ||
    /^(?:here|(?:the\s+|this\s+|my\s+)?(?:workspace|folder|directory|current\s+folder|files))$/i.test(folder)
    ? "."
    : folder
}
