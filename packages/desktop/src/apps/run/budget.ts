/** A run's own caps, with what is used of them. */
import type { Budget } from "@choiros/protocol"
import { count, duration, money, tokens } from "../../ui/format.ts"

export interface BudgetLine {
  readonly kind: "steps" | "tokens" | "money" | "wall_time"
  readonly used: number
  readonly max: number
  /** "$0.42 of $2". */
  readonly label: string
  readonly tone: "accent" | "warning" | "danger"
}

interface Used {
  readonly steps: number
  readonly spent: { readonly tokens: number; readonly cost: number }
}

/** Time is not among them: what of it counts (not what was waited) only the server knows. */
export const budgetLines = (budget: Budget, { spent, steps }: Used): ReadonlyArray<BudgetLine> => {
  const line = (
    kind: BudgetLine["kind"],
    used: number,
    max: number | undefined,
    words: (n: number) => string,
    unit = ""
  ): ReadonlyArray<BudgetLine> =>
    max === undefined
      ? []
      : [{ kind, used, max, label: `${words(used)} of ${words(max)}${unit}`, tone: toneOf(used / max) }]
  return [
    ...line("money", spent.cost, budget.usd, money),
    ...line("tokens", spent.tokens, budget.tokens, tokens, " tokens"),
    ...line("steps", steps, budget.steps, count, " steps")
  ]
}

const toneOf = (part: number): BudgetLine["tone"] => (part >= 1 ? "danger" : part >= 0.8 ? "warning" : "accent")

export const capWords = (budget: Budget): ReadonlyArray<string> => [
  ...(budget.usd === undefined ? [] : [money(budget.usd)]),
  ...(budget.tokens === undefined ? [] : [`${tokens(budget.tokens)} tokens`]),
  ...(budget.steps === undefined ? [] : [`${count(budget.steps)} steps`]),
  ...(budget.seconds === undefined ? [] : [duration(budget.seconds * 1000)])
]
