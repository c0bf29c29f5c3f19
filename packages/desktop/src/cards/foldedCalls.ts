/**
 * Calls that only look at something, told together: "Read 7 files, 3 searches".
 *
 * Law: only what has succeeded folds, the order stays, and nothing that acts is ever inside.
 */
import type { TimelineTool } from "@choiros/protocol"
import { callState, kindOf, type ToolKind, textArg } from "./toolCalls.ts"

export type FoldedCalls =
  | { readonly kind: "call"; readonly tool: TimelineTool }
  | {
      readonly kind: "group"
      readonly tools: ReadonlyArray<TimelineTool>
      readonly words: string
      /** Of all together; null where none of them says. */
      readonly duration_ms: number | null
    }

const looking: ReadonlySet<ToolKind> = new Set(["read", "list", "search", "output", "log"])

export const foldedCalls = (tools: ReadonlyArray<TimelineTool>): ReadonlyArray<FoldedCalls> => {
  const folded: Array<FoldedCalls> = []
  let run: Array<TimelineTool> = []
  const close = (): void => {
    const [first] = run
    if (first === undefined) return
    if (run.length === 1) folded.push({ kind: "call", tool: first })
    else folded.push({ kind: "group", tools: run, words: wordsOf(run), duration_ms: durationOf(run) })
    run = []
  }
  for (const tool of tools) {
    if (looking.has(kindOf(tool)) && callState(tool, false) === "done") run.push(tool)
    else {
      close()
      folded.push({ kind: "call", tool })
    }
  }
  close()
  return folded
}

const wordsOf = (tools: ReadonlyArray<TimelineTool>): string => {
  const of = (kind: ToolKind) => tools.filter((tool) => kindOf(tool) === kind)
  const files = new Set(of("read").map((tool) => textArg(tool, "path") ?? textArg(tool, "name") ?? tool.asked.call_id))
  const parts = [
    files.size === 0 ? "" : `read ${amount(files.size, "file")}`,
    of("list").length === 0 ? "" : `listed ${amount(of("list").length, "folder")}`,
    of("search").length === 0 ? "" : amount(of("search").length, "search", "searches"),
    of("output").length === 0 ? "" : `looked at ${amount(of("output").length, "output")}`,
    of("log").length === 0 ? "" : `${amount(of("log").length, "look", "looks")} into the log`
  ]
  const words = parts.filter((part) => part !== "").join(", ")
  return `${words.slice(0, 1).toUpperCase()}${words.slice(1)}`
}

const durationOf = (tools: ReadonlyArray<TimelineTool>): number | null => {
  const known = tools.flatMap(({ result }) => result?.duration_ms ?? [])
  return known.length === 0 ? null : known.reduce((sum, each) => sum + each, 0)
}

const amount = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`
