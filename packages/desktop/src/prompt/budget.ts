/** Caps as they are typed: `2usd`, `$2`, `50ktokens`, `20 steps`, `10min`. */
import type { Budget } from "@choiros/protocol"

export interface Cap {
  readonly kind: "steps" | "tokens" | "money" | "wall_time"
  /** Steps, tokens, US dollars or seconds. */
  readonly limit: number
}

const amount =
  /^(\$)?(\d+(?:\.\d+)?)(k)?\s*(usd|dollars?|tokens?|steps?|hours?|h|minutes?|min|seconds?|s)?(?![\p{L}\p{N}.])[,\s]*/iu

/** Caps at the beginning of a text, and what comes after them. */
export const readCaps = (text: string): { readonly caps: ReadonlyArray<Cap>; readonly rest: string } => {
  const caps: Array<Cap> = []
  let rest = text.trimStart()
  for (;;) {
    const found = amount.exec(rest)
    const cap = found === null ? null : capOf(found)
    if (found === null || cap === null) return { caps, rest: rest.trim() }
    caps.push(cap)
    rest = rest.slice(found[0].length)
  }
}

const capOf = ([, dollar, digits, thousand, unit]: RegExpExecArray): Cap | null => {
  const limit = Number(digits) * (thousand === undefined ? 1 : 1_000)
  if (!(limit > 0)) return null
  const name = (unit ?? "").toLowerCase()
  if (dollar !== undefined) return name === "" || name.startsWith("usd") ? { kind: "money", limit } : null
  if (name.startsWith("usd") || name.startsWith("dollar")) return { kind: "money", limit }
  if (name.startsWith("token")) return { kind: "tokens", limit: Math.ceil(limit) }
  if (name.startsWith("step")) return { kind: "steps", limit: Math.ceil(limit) }
  if (name.startsWith("h")) return { kind: "wall_time", limit: limit * 3_600 }
  if (name.startsWith("m")) return { kind: "wall_time", limit: limit * 60 }
  if (name.startsWith("s")) return { kind: "wall_time", limit }
  return null
}

const field = { steps: "steps", tokens: "tokens", money: "usd", wall_time: "seconds" } as const

export const budgetOf = (caps: ReadonlyArray<Cap>): Budget =>
  Object.fromEntries(caps.map(({ kind, limit }) => [field[kind], limit]))

export const capInWords = ({ kind, limit }: Cap): string => {
  switch (kind) {
    case "money":
      return `$${limit}`
    case "wall_time":
      return limit % 60 === 0 ? `${limit / 60} min` : `${limit} s`
    case "steps":
    case "tokens":
      return `${limit.toLocaleString("en")} ${limit === 1 ? kind.slice(0, -1) : kind}`
  }
}
