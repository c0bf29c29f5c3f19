/** The lines of an output that match a pattern of a model's, numbered from 1. */
import * as Effect from "effect/Effect"
import { ToolFailure } from "./Tool.ts"

/** Characters of a line that the pattern is tried on. */
const lineLimit = 2_000

/**
 * RE2 takes time linear in the text, whatever the pattern, so a model's pattern can't hold the server up. It is loaded at
 * the first pattern: a start has no use for it.
 */
export const matchingLines = (text: string, pattern: string, limit: number): Effect.Effect<string, ToolFailure> =>
  Effect.tryPromise({
    try: async () => {
      const { RE2JS } = await import("re2js")
      const expression = RE2JS.compile(pattern)
      const found = text
        .split("\n")
        .flatMap((line, index) =>
          expression.matcher(line.slice(0, lineLimit)).find() ? [`${index + 1}: ${line}`] : []
        )
      return found.length === 0 ? "No line matches." : found.join("\n").slice(0, limit)
    },
    catch: () => new ToolFailure({ message: `"${pattern}" is not a regular expression` })
  })
