/** A person's own rules: their order, one in the making, one in words. */
import type { Rule, RuleBody, RulesReply, Tier } from "@choiros/protocol"
import { plainName } from "../../content/plainText.ts"
import { tierWords } from "../../ui/tierWords.ts"

export type ListedRule = RulesReply["rules"][number]

export const allTiers: ReadonlyArray<Tier> = [
  "read",
  "write",
  "write_outside",
  "network",
  "shell",
  "destructive",
  "secrets",
  "spend"
]

/** The same list with one at another place; places beyond the ends are the ends. */
export const moved = <A>(list: ReadonlyArray<A>, from: number, to: number): ReadonlyArray<A> => {
  const one = list[from]
  if (one === undefined) return list
  const rest = list.toSpliced(from, 1)
  return rest.toSpliced(Math.min(rest.length, Math.max(0, to)), 0, one)
}

export interface RuleDraft {
  readonly id: string | null
  readonly action: Rule["action"]
  readonly tool: string
  readonly pattern: string
  /** Empty: those that the action means by itself. */
  readonly tiers: ReadonlyArray<Tier>
  readonly agent: string
  readonly note: string
}

export const newRule: RuleDraft = {
  id: null,
  action: "ask",
  tool: "bash",
  pattern: "",
  tiers: [],
  agent: "",
  note: ""
}

export const draftOfRule = ({ action, agent, id, note, pattern, tiers, tool }: Rule): RuleDraft => ({
  id,
  action,
  tool,
  pattern: pattern ?? "",
  tiers: tiers ?? [],
  agent: agent ?? "",
  note
})

const isName = (text: string): boolean => /^[A-Za-z0-9_.-]{1,128}$/.test(text)

/** Null: it can be kept. */
export const problemOfRule = ({ agent, tool }: RuleDraft): string | null => {
  if (tool.trim() !== "*" && !isName(tool.trim())) return "Name one tool, or * for all"
  return agent.trim() === "" || isName(agent.trim()) ? null : "Name one agent, or leave it empty for all"
}

export const bodyOfDraft = ({ action, agent, note, pattern, tiers, tool }: RuleDraft): RuleBody => ({
  action,
  tool: tool.trim(),
  pattern: pattern.trim() === "" ? null : pattern.trim(),
  ...(tiers.length === 0 ? {} : { tiers }),
  ...(agent.trim() === "" ? {} : { agent: agent.trim() }),
  note: note.trim()
})

/** With its id, so that the computer knows it again. */
export const bodyOfRule = (rule: Rule): RuleBody & { readonly id: string } => ({
  ...bodyOfDraft(draftOfRule(rule)),
  note: rule.note,
  id: rule.id
})

export const actionWords: Readonly<Record<Rule["action"], string>> = { allow: "Allow", ask: "Ask", deny: "Deny" }

/** "`npm test *` by bash, for the agent code, where it runs a command". */
export const whatOfRule = ({
  agent,
  pattern,
  tiers,
  tool
}: Pick<Rule, "agent" | "pattern" | "tiers" | "tool">): string => {
  const calls = tool === "*" ? "every tool" : plainName(tool)
  const what = pattern === null ? calls : `${plainName(pattern)} (${calls})`
  const who = agent === undefined ? "" : `, by ${plainName(agent)}`
  const reach =
    tiers === undefined ? "" : `, where it ${tiers.map((tier) => tierWords[tier].label.toLowerCase()).join(", ")}`
  return `${what}${who}${reach}`
}
