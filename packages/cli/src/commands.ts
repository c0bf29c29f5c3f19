/**
 * The commands, as data: what each is for, its flags, and examples. Help and parsing are made from this, so that asking for
 * help loads nothing else.
 */

export interface Flag {
  readonly type: "string" | "boolean"
  readonly short?: string
  readonly multiple?: boolean
  /** What stands for the value in the help. */
  readonly value?: string
  readonly help: string
}

export interface CommandSpec {
  readonly name: string
  readonly summary: string
  readonly usage: string
  readonly about: string
  readonly flags: Readonly<Record<string, Flag>>
  readonly examples: ReadonlyArray<readonly [command: string, meaning: string]>
}

const server = {
  url: { type: "string", value: "URL", help: "address of the server (CHOIR_URL, else http://127.0.0.1:$PORT, 8080)" },
  token: { type: "string", value: "TOKEN", help: "its token (CHOIR_TOKEN, else the file token in CHOIR_HOME)" }
} as const
const help = { help: { type: "boolean", short: "h", help: "show this" } } as const
const actor = { type: "string", value: "NAME", help: "whom to talk to (me)" } as const
const thread = { type: "string", value: "ID", help: "the thread, by its id (the actor's own thread)" } as const

const up = {
  name: "up",
  summary: "start the server",
  usage: "choir up [flags]",
  about: "Starts the server in this terminal. Ctrl-C stops it.",
  flags: {},
  examples: []
} as const satisfies CommandSpec

export const chat = {
  name: "chat",
  summary: "a conversation in the terminal",
  usage: "choir chat [flags]",
  about:
    "Talks with an agent. What you type while it works steers it; Ctrl-C stops its turn, Ctrl-D leaves. Without a terminal, each line that comes in is a message, answered before the next.",
  flags: { actor, thread, ...server, ...help },
  examples: [
    ["choir chat", "go on with your own thread"],
    ["choir chat --thread notes", "a thread by name, made when it is new"],
    ["echo 'list files' | choir chat", "one message, and the answer as plain text"]
  ]
} as const satisfies CommandSpec

export const run = {
  name: "run",
  summary: "give an agent an objective, and print its answer",
  usage: 'choir run "OBJECTIVE" [flags]      (- reads the objective from stdin)',
  about:
    "Prints the answer to stdout and progress to stderr. Ends with 0 when it is done, 1 when it failed, 2 for a wrong command, 3 when the server can't be reached, 130 when interrupted.",
  flags: {
    actor,
    thread: { ...thread, help: "the thread, by its id (a new one)" },
    timeout: { type: "string", value: "SECONDS", help: "stop the turn and fail after this long" },
    json: { type: "boolean", help: "print one JSON object in place of the text" },
    quiet: { type: "boolean", short: "q", help: "no progress" },
    ...server,
    ...help
  },
  examples: [
    ['choir run "list the files"', "the answer, when it is there"],
    ["git diff | choir run - --json", "an objective from stdin, an answer for a program"],
    ['choir run "run the tests" --timeout 300', "at most five minutes"]
  ]
} as const satisfies CommandSpec

export const events = {
  name: "events",
  summary: "what happened, from the log",
  usage: "choir events [flags]",
  about: "Shows the newest events of the log, oldest first; with --follow also what happens from now on.",
  flags: {
    follow: { type: "boolean", short: "f", help: "go on with what happens, also over a restart of the server" },
    type: {
      type: "string",
      short: "t",
      multiple: true,
      value: "PATTERN",
      help: "only these types: * is one part, > all that follow (may be repeated)"
    },
    since: { type: "string", value: "SEQ", help: "all events after this seq" },
    limit: { type: "string", short: "n", value: "N", help: "how many of the newest (20), where --since is not given" },
    json: { type: "boolean", help: "one JSON object a line" },
    ...server,
    ...help
  },
  examples: [
    ["choir events --follow --type 'chat.*'", "conversations as they happen"],
    ["choir events --since 0 --json > log.jsonl", "the whole log"],
    ["choir events -f -t 'tool.>' -t 'run.>'", "what agents do"]
  ]
} as const satisfies CommandSpec

export const doctor = {
  name: "doctor",
  summary: "what is here, what is missing, and how to get it",
  usage: "choir doctor [flags]",
  about: "Looks at this machine and at the server. Ends with 1 when something is missing that is needed.",
  flags: {
    json: { type: "boolean", help: "print the findings as one JSON object" },
    ...server,
    ...help
  },
  examples: [
    ["choir doctor", "before the first start, or when something is wrong"],
    ["CHOIR_HOME=/srv/choir choir doctor", "for the server that keeps its data there"]
  ]
} as const satisfies CommandSpec

export const commands: ReadonlyArray<CommandSpec> = [up, chat, run, events, doctor]
