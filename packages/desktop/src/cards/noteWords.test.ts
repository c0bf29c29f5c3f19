import { describe, expect, it } from "vitest"
import { noteWords } from "./noteWords.ts"

const words = (type: string, payload: unknown) => noteWords({ seq: 1, at: "2026-01-01T00:00:00.000Z", type, payload })

describe("what happened in a run, in a sentence", () => {
  it.each([
    ["run.paused", { reason: "lunch", by: "user" }, "Paused: lunch"],
    ["run.paused", { reason: "", by: "watcher" }, "Paused by watcher"],
    ["run.resumed", { reason: "restart", attempt: 2 }, "Went on after a restart of the server, try 2"],
    [
      "run.plan_set",
      { revision: 1, parts: [1, 2], call_id: "c", by: "conductor" },
      "A plan was made by conductor: 2 parts"
    ],
    ["run.steered", { mode: "replace", text: "tests first" }, "Stopped for: tests first"],
    [
      "run.compacted",
      { tokens_before: 90_000, tokens_after: 4_000, summary: "s" },
      "What came before was summed up (90k tokens are 4k)"
    ],
    [
      "budget.reached",
      { scope: "run", subject: "r", kind: "money", limit: 2, used: 2.5 },
      "The cap on money of this run is reached: $2.50 of $2.00"
    ],
    [
      "budget.raised",
      { scope: "day", subject: "d", kind: "steps", limit: 40, by: "user" },
      "The cap on steps of the day is 40 steps now"
    ],
    ["membrane.refused", { act: "path", target: "/etc", reason: "outside" }, "Not permitted: path /etc: outside"],
    ["watcher.signal", { kind: "looping", message: "" }, "It goes round in circles"],
    ["worker.task.completed", { command: "npm test", duration_ms: 4_100 }, "Finished: npm test, 4.1 s"],
    ["run.ended", { outcome: "failed", error: { kind: "auth", message: "no key" } }, "The run failed: no key"]
  ])("%s", (type, payload, text) => {
    expect(words(type, payload)?.text).toBe(text)
  })

  it("is not made up for a type that is not known", () => {
    expect(words("run.teleported", { to: "mars" })).toBe(null)
    expect(words("constructor", {})).toBe(null)
    expect(words("run.paused", null)).toBe(null)
  })

  it("does without what is missing or of another shape", () => {
    for (const payload of [{}, { reason: 7, by: [], parts: "x", outcome: {}, error: "x", limit: "many", kind: null }]) {
      for (const type of [
        "run.paused",
        "run.ended",
        "run.plan_set",
        "budget.reached",
        "worker.task.failed",
        "watcher.acted_on"
      ]) {
        expect(words(type, payload)?.text).toMatch(/^[A-Z]/)
      }
    }
  })

  it("shows no control or bidi characters", () => {
    expect(words("run.paused", { reason: "a\u202Eb\u001B[31m" })?.text).toBe("Paused: ab[31m")
  })
})
