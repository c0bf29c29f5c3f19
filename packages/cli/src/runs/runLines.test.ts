import type { RunDetail, RunSummary } from "@choiros/protocol"
import { expect, it } from "@effect/vitest"
import { paint, type Row, widthOfRow } from "../text/Span.ts"
import { runPage, runRows } from "./runLines.ts"

const run: RunSummary = {
  run_id: "01M82KDWGZ4CJA0706SQYPAGJZ",
  parent_run_id: null,
  actor_id: "me",
  session_id: "s",
  thread_id: "t",
  objective: "look\u001b[2J around\nand more",
  agent: "conductor",
  model: "m",
  phase: "waiting_on_agent",
  reason: null,
  started_at: "2026-11-22T10:00:00.000Z",
  ended_at: null,
  steps: 2,
  spent: { calls: 2, tokens: 6_016, cost: 0.25 },
  card: {
    last_seq: 9,
    last_at: "2026-11-22T10:00:00.000Z",
    budget: {},
    doing: null,
    lines: [],
    position: {
      status: "working",
      outcome: null,
      call: null,
      failed: false,
      turn_over: true,
      tools: [],
      tasks: [],
      parts: null,
      planned_in: null,
      tail: null
    }
  }
}
const child: RunSummary = {
  ...run,
  run_id: "01M82KDWJY848ZNVB7S5GQ48WA",
  parent_run_id: run.run_id,
  agent: "code",
  phase: "paused",
  reason: "a \u001b[31mbudget",
  objective: "x".repeat(200)
}
const now = Date.parse("2026-11-22T10:01:05.000Z")
const text = (rows: ReadonlyArray<Row>) => rows.map((row) => paint(row, false).trimEnd())

it("each run stands under the one that began it", () => {
  expect(text(runRows([child, run], 300, now))).toEqual([
    "SQYPAGJZ  ○ conductor  waiting on agent  1 min 5 s · $0.25  look around",
    `S5GQ48WA  ‖   code     paused            1 min 5 s · $0.25  ${"x".repeat(200)} (a budget)`
  ])
})

it("what a list does not have is a run of its own", () => {
  expect(text(runRows([child], 60, now))[0]).toMatch(/^S5GQ48WA {2}‖ code {2}paused {2}1 min 5 s · \$0\.25 {2}x+…$/)
})

const page: RunDetail = {
  ...run,
  answer: "All \u009b31mdone",
  budget: { usd: 2 },
  deadline: null,
  depth: 0,
  plan: {
    revision: 2,
    by: "conductor",
    parts: [
      { id: "a", objective: "first", agent: "research", after: [], status: "completed", task_id: child.run_id },
      { id: "b", objective: "then", capability: "code", after: ["a"], status: "waiting", task_id: null }
    ]
  },
  tasks: [],
  waiting: ["c1"],
  evidence: {
    files: [{ path: "a\u001b]0;t\u0007.ts", added: 3, removed: null }],
    diff: null,
    commands: [{ command: "npm test", exit_code: 1 }],
    tests: { command: "npm test", exit_code: 1, passed: false }
  }
}

it("a page says where a run stands, what it planned and what it shows for it", () => {
  const shown = text(runPage(page, 100, now)).join("\n")
  expect(shown).toContain("conductor is waiting on agent\n")
  expect(shown).toContain("✔ a  completed · research · S5GQ48WA\n      first")
  expect(shown).toContain("· b  waiting · who can code · after a\n      then")
  expect(shown).toContain("± a.ts +3")
  expect(shown).toContain("✖ npm test (exit code 1)\n  tests failed: npm test")
  expect(shown).toContain("budget    $2.00")
  expect(shown).toContain("6,016 tokens, $0.25, ")
})

it.each([
  ["m", 6_016, "6,016 tokens, price unknown, "],
  ["m", 0, "0 tokens, $0, "],
  ["demo", 6_016, "6,016 tokens, $0, "]
])("what %s did for %i tokens has a price, or says that it is not known", (model, tokens, used) => {
  const shown = text(runPage({ ...page, model, spent: { calls: 2, tokens, cost: 0 } }, 100, now)).join("\n")
  expect(shown).toContain(used)
})

it.each([40, 60, 80, 120])("nothing is wider than %i columns, and nothing commands the terminal", (width) => {
  const rows = [
    ...runRows([child, run], Math.max(width, 60), now),
    ...runPage({ ...page, objective: "y".repeat(300) }, width, now)
  ]
  expect(rows.slice(2).filter((row) => widthOfRow(row) > width)).toEqual([])
  expect(text(rows).join("")).not.toMatch(/[\x00-\x1f\x7f-\x9f]/)
})
