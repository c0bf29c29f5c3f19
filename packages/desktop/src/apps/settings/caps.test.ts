import { expect, it } from "vitest"
import { budgetOfTexts, capOfText, isNoCap, noCaps, textsOfBudget } from "./caps.ts"

it("reads what a person writes", () => {
  expect(capOfText("steps", "")).toBeNull()
  expect(capOfText("tokens", "1,200,000")).toBe(1_200_000)
  expect(capOfText("usd", "2.50")).toBe(2.5)
  expect(capOfText("seconds", "1.5")).toBe(90)
})

it("refuses what is no cap", () => {
  for (const text of ["0", "-1", "many", "1e3", "1.2.3"]) expect(capOfText("usd", text)).toBeUndefined()
  expect(capOfText("steps", "2.5")).toBeUndefined()
})

it("shows a budget and reads the same again", () => {
  const budget = { steps: 20, usd: 0.5, seconds: 90 }
  expect(textsOfBudget(budget)).toEqual({ steps: "20", tokens: "", usd: "0.5", seconds: "1.5" })
  expect(budgetOfTexts(textsOfBudget(budget))).toEqual({ ok: true, budget })
})

it("names the fields that are wrong", () => {
  expect(budgetOfTexts({ ...noCaps, steps: "x", usd: "0" })).toEqual({ ok: false, wrong: ["steps", "usd"] })
  const none = budgetOfTexts(noCaps)
  expect(none.ok && isNoCap(none.budget)).toBe(true)
})
