/** Caps as a person writes them: a text a field, empty where there is none. */
import type { Budget } from "@choiros/protocol"

export const capKinds = ["steps", "tokens", "usd", "seconds"] as const
export type CapKind = (typeof capKinds)[number]

export const capWords: Readonly<Record<CapKind, { readonly label: string; readonly unit: string }>> = {
  steps: { label: "Steps", unit: "steps" },
  tokens: { label: "Tokens", unit: "tokens" },
  usd: { label: "US dollars", unit: "US dollars" },
  seconds: { label: "Minutes", unit: "minutes" }
}

/** As the wire names them when one is raised. */
export const raisedKind = { steps: "steps", tokens: "tokens", usd: "money", seconds: "wall_time" } as const

export type CapTexts = Readonly<Record<CapKind, string>>

export const noCaps: CapTexts = { steps: "", tokens: "", usd: "", seconds: "" }

export const textOfCap = (kind: CapKind, value: number): string =>
  String(kind === "seconds" ? Math.round((value / 60) * 1_000) / 1_000 : value)

export const textsOfBudget = (budget: Budget | null | undefined): CapTexts => {
  const text = (kind: CapKind) => {
    const value = budget?.[kind]
    return value === undefined ? "" : textOfCap(kind, value)
  }
  return { steps: text("steps"), tokens: text("tokens"), usd: text("usd"), seconds: text("seconds") }
}

/** Null where it is none; undefined where it is no cap. */
export const capOfText = (kind: CapKind, text: string): number | null | undefined => {
  const plain = text.trim().replace(/[\s,_](?=\d{3})/g, "")
  if (plain === "") return null
  if (!/^\d+(\.\d+)?$/.test(plain)) return undefined
  const value = Number(plain)
  if (!Number.isFinite(value) || value <= 0) return undefined
  if (kind === "seconds") return value * 60
  return kind === "usd" || Number.isSafeInteger(value) ? value : undefined
}

export type ReadCaps =
  | { readonly ok: true; readonly budget: Budget }
  | { readonly ok: false; readonly wrong: ReadonlyArray<CapKind> }

export const budgetOfTexts = (texts: CapTexts): ReadCaps => {
  const wrong: Array<CapKind> = []
  const budget: { -readonly [Kind in CapKind]?: number } = {}
  for (const kind of capKinds) {
    const value = capOfText(kind, texts[kind])
    if (value === undefined) wrong.push(kind)
    else if (value !== null) budget[kind] = value
  }
  return wrong.length > 0 ? { ok: false, wrong } : { ok: true, budget }
}

export const isNoCap = (budget: Budget): boolean => capKinds.every((kind) => budget[kind] === undefined)
