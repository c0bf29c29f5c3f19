import { expect, it } from "vitest"
import { budgetLines, capWords } from "./budget.ts"

const used = { steps: 9, spent: { tokens: 1_200, cost: 0.5 } }

it("tells what is used of each cap that the run has, and warns before it is reached", () => {
  expect(budgetLines({ usd: 0.5, tokens: 10_000, steps: 10 }, used).map(({ label, tone }) => [label, tone])).toEqual([
    ["$0.50 of $0.50", "danger"],
    ["1.2k of 10k tokens", "accent"],
    ["9 of 10 steps", "warning"]
  ])
  expect(budgetLines({ seconds: 60 }, used)).toEqual([])
})

it("has words for every cap", () => {
  expect(capWords({ usd: 2, tokens: 10_000, steps: 10, seconds: 90 })).toEqual([
    "$2.00",
    "10k tokens",
    "10 steps",
    "1 min 30 s"
  ])
  expect(capWords({})).toEqual([])
})
