import { emptyTally, type UsageLine } from "@choiros/protocol"
import { expect, it } from "vitest"
import { costRows, seriesOf } from "./cost.ts"

const line = (key: string, more: Partial<UsageLine>, own: Partial<UsageLine["own"]> = {}): UsageLine => ({
  key,
  day: null,
  run_id: "r1",
  parent_run_id: null,
  agent: "code",
  model: "demo",
  step: null,
  own: { ...emptyTally, ...own },
  total: { ...emptyTally, ...own },
  ...more
})

it("has the run's own steps in their order, with what came from the cache apart", () => {
  const rows = costRows(
    "step",
    [
      line("b", { step: 2 }, { calls: 1, input_tokens: 100, cached_tokens: 80, output_tokens: 5, usd: 0.02 }),
      line("a", { step: 1 }, { calls: 1, input_tokens: 50, output_tokens: 5, usd: 0.01 }),
      line("c", { step: 1, run_id: "r2" }, { calls: 1 })
    ],
    "r1",
    new Map()
  )
  expect(rows.map(({ cached, input, label, output }) => [label, input, cached, output])).toEqual([
    ["Step 1", 50, 0, 5],
    ["Step 2", 20, 80, 5]
  ])
  expect(seriesOf(rows)).toEqual({
    x: [1, 2],
    input: [50, 20],
    cached: [50, 100],
    output: [55, 105],
    usd: [0.01, 0.03]
  })
})

it("tells of each run what it used itself, the run that is looked at first", () => {
  const rows = costRows("run", [line("r2", { run_id: "r2", agent: "research" }), line("r1", {})], "r1", new Map())
  expect(rows.map(({ label }) => label)).toEqual(["This run", "research"])
})
