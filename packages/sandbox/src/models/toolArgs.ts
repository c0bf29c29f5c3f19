/** The arguments of a tool call, as the model gave them. */
import * as Predicate from "effect/Predicate"

/** The object that `args` stands for, or in words why it is none. */
export const parseArgs = (
  args: string
): { readonly value: Readonly<Record<string, unknown>> } | { readonly invalid: string } => {
  try {
    const value: unknown = JSON.parse(args)
    if (isRecord(value)) return { value }
    return { invalid: "The arguments must be a JSON object." }
  } catch (error) {
    return {
      invalid: `The arguments are not valid JSON: ${error instanceof Error ? error.message : "cannot be read"}.`
    }
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => Predicate.isObject(value)
