import type { Rule } from "@choiros/protocol"
import { expect, it } from "vitest"
import { bodyOfDraft, bodyOfRule, draftOfRule, moved, newRule, problemOfRule, whatOfRule } from "./rules.ts"

const rule: Rule = {
  id: "1",
  tool: "bash",
  pattern: "npm test *",
  tiers: ["shell", "network"],
  agent: "code",
  action: "allow",
  note: "tests",
  created_at: "2026-01-01T00:00:00.000Z",
  by: "user"
}

it("moves one and leaves the order of the others", () => {
  expect(moved(["a", "b", "c", "d"], 0, 2)).toEqual(["b", "c", "a", "d"])
  expect(moved(["a", "b", "c", "d"], 3, 0)).toEqual(["d", "a", "b", "c"])
  expect(moved(["a", "b"], 0, 9)).toEqual(["b", "a"])
  expect(moved(["a", "b"], 5, 0)).toEqual(["a", "b"])
})

it("writes a rule back as it was read", () => {
  const { by: _, created_at: __, ...meant } = rule
  expect(bodyOfRule(rule)).toEqual(meant)
  expect(bodyOfDraft(draftOfRule({ ...rule, pattern: null }))).toMatchObject({ pattern: null })
})

it("leaves out what was left empty", () => {
  expect(bodyOfDraft({ ...newRule, pattern: " ", agent: "" })).toEqual({
    tool: "bash",
    pattern: null,
    action: "ask",
    note: ""
  })
})

it("says what can't be kept", () => {
  expect(problemOfRule(newRule)).toBeNull()
  expect(problemOfRule({ ...newRule, tool: "*" })).toBeNull()
  expect(problemOfRule({ ...newRule, tool: "read file" })).toContain("tool")
  expect(problemOfRule({ ...newRule, agent: "my agent" })).toContain("agent")
})

it("is read as a sentence", () => {
  expect(whatOfRule(rule)).toBe("npm test * (bash), by code, where it runs a command, uses the network")
  expect(whatOfRule({ tool: "*", pattern: null })).toBe("every tool")
})
