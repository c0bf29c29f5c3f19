/**
 * Content search: ripgrep where it is, else a walk of our own, either in a process of its own that is killed when its time
 * is up: a pattern may run for ever.
 */
import { spawn } from "node:child_process"
import * as path from "node:path"
import { createInterface } from "node:readline"
import * as Exit from "effect/Exit"
import * as Schema from "effect/Schema"
import type { Args, Value } from "../messages.ts"
import { asFailure, HostFailure } from "./failure.ts"
import { signalQuietly } from "./processTable.ts"
import type { Workspace } from "./Workspace.ts"

type Match = Value<"files.search">["matches"][number]

const maxTextCharacters = 500
const maxErrorCharacters = 2000
/** Never searched, by either way. */
const skipped = [".git", "node_modules"]

/** The host's own program in search mode. */
export const searchFlag = "--search"

export const WalkRequest = Schema.Struct({
  pattern: Schema.String,
  glob: Schema.NullOr(Schema.String),
  literal: Schema.Boolean,
  ignore_case: Schema.Boolean,
  skipped: Schema.Array(Schema.String)
})

const RipgrepMatch = Schema.Struct({
  type: Schema.Literal("match"),
  data: Schema.Struct({
    path: Schema.Struct({ text: Schema.String }),
    lines: Schema.Struct({ text: Schema.String }),
    line_number: Schema.Int,
    submatches: Schema.Array(Schema.Struct({ start: Schema.Int }))
  })
})
const decodeMatch = Schema.decodeUnknownExit(Schema.fromJsonString(RipgrepMatch))

export const search = async (
  workspace: Workspace,
  ripgrep: boolean,
  env: Record<string, string>,
  args: Args<"files.search">
): Promise<Value<"files.search">> => {
  try {
    await using found = await workspace.target(args.path)
    const [command, ...rest] = ripgrep ? ripgrepCommand(args, found.path) : walkCommand(args)
    const cwd = found.name === null || !ripgrep ? workspace.root : found.folder.path
    const target = ripgrep ? [found.path] : [found.path]
    return await collect(command ?? "", [...rest, ...target], cwd, env, args)
  } catch (error) {
    throw asFailure(error, args.path)
  }
}

const ripgrepCommand = (args: Args<"files.search">, _target: string): ReadonlyArray<string> => [
  "rg",
  "--json",
  "--no-config",
  "--hidden",
  "--no-messages",
  "--sort=path",
  ...skipped.flatMap((name) => ["--glob", `!${name}`]),
  ...(args.glob === null ? [] : ["--glob", args.glob]),
  ...(args.literal ? ["--fixed-strings"] : []),
  ...(args.ignore_case ? ["--ignore-case"] : []),
  "--regexp",
  args.pattern,
  "--"
]

const walkCommand = (args: Args<"files.search">): ReadonlyArray<string> => {
  const { pattern, glob, literal, ignore_case } = args
  const request: typeof WalkRequest.Type = { pattern, glob, literal, ignore_case, skipped }
  return [process.execPath, process.argv[1] ?? "", searchFlag, JSON.stringify(request)]
}

const collect = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Record<string, string>,
  { limit, timeout_ms, pattern }: Args<"files.search">
): Promise<Value<"files.search">> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] })
    const matches: Array<Match> = []
    let errors = ""
    let stopped: "full" | "late" | undefined
    const stop = (why: "full" | "late") => {
      stopped ??= why
      if (child.pid !== undefined) signalQuietly(-child.pid, "SIGKILL")
    }
    const timer = setTimeout(() => stop("late"), timeout_ms)
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (stopped !== undefined) return
      const decoded = decodeMatch(line)
      if (Exit.isFailure(decoded)) return
      const { path: file, lines, line_number, submatches } = decoded.value.data
      if (matches.length >= limit) return stop("full")
      matches.push({
        path: path.resolve(cwd, file.text),
        line: line_number,
        column: (submatches[0]?.start ?? 0) + 1,
        text: lines.text.trimEnd().slice(0, maxTextCharacters)
      })
    })
    child.stderr.on("data", (data: Buffer) => {
      errors = (errors + data.toString()).slice(0, maxErrorCharacters)
    })
    child.once("error", (error) => {
      clearTimeout(timer)
      reject(error)
    })
    child.once("close", (code) => {
      clearTimeout(timer)
      if (stopped === "late") {
        reject(new HostFailure("timeout", `The search took longer than ${timeout_ms} ms: ${pattern}`))
      } else if (stopped === undefined && code === 2 && matches.length === 0 && errors !== "") {
        reject(new HostFailure("invalid", `The pattern can't be used: ${errors.trim()}`))
      } else resolve({ matches, truncated: stopped === "full" })
    })
  })
