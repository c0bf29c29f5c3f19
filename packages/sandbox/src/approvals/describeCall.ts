/**
 * What a call is: how far it reaches, what it touches, and how a person is told.
 *
 * Law: what can't be told is taken for a command, never for a read.
 */
import { posix } from "node:path"
import { excerpt, type Tier } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { isMissing } from "../files/errors.ts"
import type { WorkspaceFiles } from "../files/WorkspaceFiles.ts"
import type { ToolEffect } from "../tools/Tool.ts"
import { exactly, globMatches, wordMatches } from "./glob.ts"
import type { CallFacts } from "./ruleMatch.ts"
import { byGravity } from "./shell/Classification.ts"
import { classifyCommand, shownText } from "./shell/classifyCommand.ts"
import { isSecretPath } from "./shell/secretPaths.ts"
import { targetOf } from "./shell/workspacePaths.ts"

type Files = Pick<WorkspaceFiles["Service"], "root" | "scratch" | "stat" | "peek">

export interface DescribedCall {
  readonly facts: CallFacts
  /** How the membrane looks at its paths. */
  readonly access: "none" | "read" | "write" | "folder" | "tree"
  readonly args: Readonly<Record<string, unknown>>
  readonly intent: string
  readonly dangerous: ReadonlyArray<string>
  /** What "always" would allow; null where it is not offered. */
  readonly pattern: string | null
}

interface Asked {
  readonly agent: string
  readonly tool_name: string
  readonly tool_args: string
  readonly effect: ToolEffect
  /** Where a command runs, as far as it is known. */
  readonly cwd?: string | null
}

/** They talk to the user, to agents or to the log; what they may see and whom they may reach is the membrane's. */
const talking = new Set([
  "read_output",
  "job_output",
  "ask_user",
  "delegate",
  "message",
  "note",
  "read_events",
  "search_events",
  "plan",
  "load_skill"
])

export const describeCall = (files: Files, asked: Asked): Effect.Effect<DescribedCall> =>
  Effect.suspend(() => {
    const args = argumentsOf(asked.tool_args)
    switch (asked.tool_name) {
      case "bash":
        return describeCommand(files, asked, args)
      case "read_file":
      case "list_files":
      case "search_files":
      case "write_file":
      case "edit_file":
        return describeFileCall(files, asked, args)
      case "ui":
        return describeShowing(files, asked, args)
      default:
        return Effect.succeed(describeOther(asked, args))
    }
  })

const describeCommand = (files: Files, asked: Asked, args: DescribedCall["args"]): Effect.Effect<DescribedCall> => {
  const command = textOf(args.command)
  return Effect.map(
    classifyCommand(command, { cwd: asked.cwd ?? files.root, workspace: files.root, scratch: files.scratch }),
    (classification): DescribedCall => ({
      facts: { ...named(asked), tiers: byGravity(classification.tiers), command: classification, paths: null },
      access: "none",
      args,
      intent: classification.intent,
      dangerous: classification.dangerous,
      pattern: classification.pattern
    })
  )
}

const describeFileCall = Effect.fnUntraced(function* (files: Files, asked: Asked, args: DescribedCall["args"]) {
  const { tool_name } = asked
  const said = textOf(args.path) || "."
  const { kind, path: real } = yield* realPath(files, said)
  const paths = [relativeTo(files.root, real)]
  const shown = paths[0] ?? said
  const glob = textOf(args.glob)
  const writes = asked.effect === "write"
  // By the name that was said, too: a link with a telling name is meant to be one.
  const secret = isSecretPath(shown) || isSecretPath(said) || (glob !== "" && isSecretGlob(glob))
  // A hook, or a file that agents and tools obey: what is written there acts later.
  const acts = writes && targetOf(real, files.root, { workspace: files.root }).region === "guarded"
  const tiers: Array<Tier> = [
    ...(secret ? (["secrets"] as const) : []),
    ...(acts ? (["shell"] as const) : []),
    writes ? "write" : "read"
  ]
  const described: DescribedCall = {
    facts: { ...named(asked), tiers: byGravity(tiers), command: null, paths },
    access: accessOf(tool_name, args, kind === "directory"),
    args,
    intent: shownText(intentOf(tool_name, shown, args)),
    dangerous: secret ? [shownText(glob !== "" && !isSecretPath(shown) ? glob : shown)] : [],
    pattern: secret ? null : patternOf(shown, acts)
  }
  return described
})

/** What the user is shown goes to no model: it changes nothing and tells nothing, but who may not read a file shows none. */
const describeShowing = Effect.fnUntraced(function* (files: Files, asked: Asked, args: DescribedCall["args"]) {
  const { action, app, props, title } = args
  const path =
    action === "show_file" ? textOf(args.path) : Predicate.hasProperty(props, "path") ? textOf(props.path) : ""
  const paths = path === "" ? null : [relativeTo(files.root, (yield* realPath(files, path)).path)]
  const intent =
    action === "notify"
      ? `Tell the user: ${excerpt(textOf(title), 80)}`
      : `Show ${excerpt(path === "" ? textOf(app) : path, 200)} on the desktop`
  const described: DescribedCall = {
    facts: { ...named(asked), tiers: ["read"], command: null, paths },
    access: paths === null ? "none" : "read",
    args,
    intent: shownText(intent),
    dangerous: [],
    pattern: null
  }
  return described
})

const describeOther = (asked: Asked, args: DescribedCall["args"]): DescribedCall => {
  const reads = talking.has(asked.tool_name) || asked.effect === "read"
  return {
    facts: {
      ...named(asked),
      tiers: [reads ? "read" : asked.effect === "write" ? "write" : "shell"],
      command: null,
      paths: null
    },
    access: "none",
    args,
    intent: asked.tool_name === "job_stop" ? "Stop a job of its own" : `Call ${asked.tool_name}`,
    dangerous: [],
    pattern: null
  }
}

/** Whether a search's glob is after secrets: it fits names of theirs, and not everything. */
const isSecretGlob = (glob: string): boolean => {
  // One that leaves out a secret's name says that name as well.
  if (glob.startsWith("!")) return isSecretPath(glob) || isSecretPath(glob.slice(1))
  const fits = (name: string) => globMatches(glob, name) || wordMatches(glob.slice(glob.lastIndexOf("/") + 1), name)
  return isSecretPath(glob) || (secretNames.some(fits) && !ordinaryNames.some(fits))
}
const secretNames = [
  ".env",
  ".env.local",
  "id_rsa",
  "id_ed25519",
  "server.pem",
  "server.key",
  ".npmrc",
  "credentials.json"
]
const ordinaryNames = ["readme.md", "main.ts", "package.json"]

const accessOf = (tool_name: string, args: DescribedCall["args"], isFolder: boolean): DescribedCall["access"] => {
  if (tool_name === "write_file" || tool_name === "edit_file") return "write"
  if (!isFolder) return "read"
  return tool_name === "list_files" && args.recursive !== true ? "folder" : "tree"
}

const intentOf = (tool_name: string, path: string, args: DescribedCall["args"]): string => {
  switch (tool_name) {
    case "list_files":
      return `List ${path === "." ? "the workspace" : path}`
    case "search_files":
      return `Search ${path === "." ? "the workspace" : path} for ${excerpt(textOf(args.pattern), 80)}`
    case "write_file":
      return `Write ${path} (${counted(linesOf(textOf(args.content)), "line")})`
    case "edit_file":
      return `Edit ${path}`
    default:
      return `Read ${path}`
  }
}

const linesOf = (text: string): number => (text === "" ? 0 : text.replace(/\n$/, "").split("\n").length)

const counted = (count: number, what: string): string => `${count} ${count === 1 ? what : `${what}s`}`

/** The folder of the file, and nothing below it; at the top, or where a name begins with a dot, the file alone. */
const patternOf = (path: string, acts: boolean): string | null => {
  const folder = posix.dirname(path)
  const narrow = acts || folder === "." || path.startsWith("/") || path.split("/").some((part) => part.startsWith("."))
  if (narrow) return exactly(path)
  return exactly(folder) === null ? null : `${folder}/*`
}

/** Where a path leads, links followed, also for a file that is not there yet. What can't be looked up stays as it is. */
const realPath = (files: Files, path: string): Effect.Effect<{ readonly path: string; readonly kind: string }> => {
  const look = (at: string): Effect.Effect<{ readonly path: string; readonly kind: string }> =>
    files.stat(at).pipe(
      Effect.catch((error) =>
        isMissing(error) && at !== files.root && at !== "/"
          ? Effect.map(look(posix.dirname(at)), (folder) => ({
              path: posix.join(folder.path, posix.basename(at)),
              kind: "missing"
            }))
          : Effect.succeed({ path: at, kind: "unknown" })
      )
    )
  return look(posix.resolve(files.root, path))
}

const relativeTo = (root: string, path: string): string =>
  path === root ? "." : path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path

const named = ({ agent, tool_name }: Asked) => ({ agent, tool_name })

const textOf = (value: unknown): string => (typeof value === "string" ? value : "")

/** What is no JSON object has no arguments: the tool itself will refuse it, in words. */
const argumentsOf = (json: string): DescribedCall["args"] => {
  try {
    const parsed: unknown = JSON.parse(json.trim() === "" ? "{}" : json)
    return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? { ...parsed } : {}
  } catch {
    return {}
  }
}
