/** Finds words in rows, in slices of time: a search through ten thousand steps keeps no paint waiting. */
import { noteWords } from "../../cards/noteWords.ts"
import { outputOf, rawArgsOf } from "../../cards/toolCalls.ts"
import type { Row } from "./timelineRows.ts"

/** Milliseconds of work after which others get their turn. */
const slice = 6

/** Indices of the rows that have it, in their order; null when it was called off. */
export const searchRows = async (
  rows: ReadonlyArray<Row>,
  words: string,
  signal: AbortSignal
): Promise<ReadonlyArray<number> | null> => {
  const pattern = patternOf(words)
  if (pattern === null) return []
  const found: Array<number> = []
  let began = performance.now()
  for (const [index, row] of rows.entries()) {
    if (performance.now() - began > slice) {
      await new Promise((resolve) => setTimeout(resolve))
      if (signal.aborted) return null
      began = performance.now()
    }
    if (rowHas(row, pattern)) found.push(index)
  }
  return signal.aborted ? null : found
}

const patternOf = (words: string): RegExp | null => {
  const trimmed = words.trim()
  return trimmed === "" ? null : new RegExp(trimmed.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+"), "i")
}

/** In its line, and in what it shows when it is opened. */
const rowHas = (row: Row, pattern: RegExp): boolean => {
  switch (row.kind) {
    case "step":
      return pattern.test(`step ${row.step}`)
    case "message":
      return pattern.test(row.message.text)
    case "model":
      return (
        pattern.test(row.call.text) || pattern.test(row.call.reasoning) || pattern.test(row.call.error?.message ?? "")
      )
    case "tool":
      return (
        pattern.test(row.tool.asked.tool_name) ||
        pattern.test(rawArgsOf(row.tool)) ||
        pattern.test(outputOf(row.tool)) ||
        pattern.test(row.tool.approval?.intent ?? "")
      )
    case "child":
      return pattern.test(row.child_agent) || pattern.test(row.objective)
    case "note":
      return pattern.test(noteWords(row.note)?.text ?? row.note.type)
  }
}
