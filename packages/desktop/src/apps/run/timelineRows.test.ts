import { describe, expect, it } from "vitest"
import { toolCall } from "../../cards/testing.ts"
import { begun, call, note, step, time } from "./testing.ts"
import { noFilter, rowsOf, type ShownRun, stepKey } from "./timelineRows.ts"
import { searchRows } from "./timelineSearch.ts"

const failing = begun(toolCall("bash", { command: "false" }, { result: { success: false, exit_code: 1 } }))
const reading = begun(toolCall("read_file", { path: "src/a.ts" }, { result: { output: "export const needle = 1" } }))
const steps = [
  step(1, {
    messages: [{ message_id: "m1", text: "do it", from: "user" }],
    calls: [call("I look.")],
    tools: [reading]
  }),
  step(2, {
    calls: [call("I run it.")],
    tools: [failing],
    notes: [
      note(21, "worker.task.started", { task_id: "r2", kind: "agent", agent: "research", objective: "find out" }),
      note(22, "worker.task.failed", { task_id: "r2", kind: "agent", error: "no" })
    ]
  })
]
const run: ShownRun = { run_id: "r1", agent: "code", live: true, steps }
const open = { children: new Map<string, ShownRun>(), closed: new Set<string>() }
const kinds = (rows: ReturnType<typeof rowsOf>) =>
  rows.map(({ kind, run_id, step: number }) => `${run_id} ${number} ${kind}`)

describe("the rows of a timeline", () => {
  it("are the steps with what was said and done in them, in the order of time", () => {
    expect(kinds(rowsOf(run, open, noFilter))).toEqual([
      "r1 1 step",
      "r1 1 message",
      "r1 1 tool",
      "r1 1 model",
      "r1 2 step",
      "r1 2 tool",
      "r1 2 model",
      "r1 2 child",
      "r1 2 note"
    ])
  })

  it("have each its own key, and are the same ones for a step that has not changed", () => {
    const rows = rowsOf(run, open, noFilter)
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length)
    const more = rowsOf({ ...run, steps: [...steps, step(3)] }, open, noFilter)
    expect(more.slice(0, rows.length).every((row, index) => row === rows[index])).toBe(true)
    expect(more).toHaveLength(rows.length + 1)
  })

  it("show a run below where it was begun, and no run within itself", () => {
    const child: ShownRun = {
      run_id: "r2",
      agent: "research",
      live: true,
      steps: [step(1, { notes: [note(30, "worker.task.started", { task_id: "r2", kind: "agent" })] })]
    }
    const rows = rowsOf(run, { ...open, children: new Map([["r2", child]]) }, noFilter)
    expect(kinds(rows).slice(-4)).toEqual(["r1 2 child", "r2 1 step", "r2 1 child", "r1 2 note"])
    expect(rows.find(({ run_id }) => run_id === "r2")).toMatchObject({ depth: 1, agent: "research" })
    expect(rows.find(({ kind }) => kind === "child")).toMatchObject({ child_id: "r2", status: "failed", failed: true })
  })

  it("are only the line of a step that is closed", () => {
    const rows = rowsOf(run, { ...open, closed: new Set([stepKey("r1", 1)]) }, noFilter)
    expect(kinds(rows).slice(0, 2)).toEqual(["r1 1 step", "r1 2 step"])
  })

  it("are what a filter keeps, below their steps", () => {
    const failed = rowsOf(run, open, { ...noFilter, failed: true })
    expect(kinds(failed)).toEqual(["r1 2 step", "r1 2 tool", "r1 2 child", "r1 2 note"])
    expect(kinds(rowsOf(run, open, { ...noFilter, kind: "reads" }))).toEqual(["r1 1 step", "r1 1 tool"])
    expect(kinds(rowsOf(run, open, { ...noFilter, agent: "research" }))).toEqual(["r1 2 step", "r1 2 child"])
    expect(rowsOf(run, open, { ...noFilter, agent: "nobody" })).toEqual([])
  })

  it("say of a call without a result that nobody knows, once the run is over", () => {
    const cut = { ...toolCall("bash", { command: "sleep 1" }), started_at: time(3) }
    const rows = (live: boolean) => rowsOf({ ...run, live, steps: [step(1, { tools: [cut] })] }, open, noFilter)
    expect(rows(true)[1]?.failed).toBe(false)
    expect(rows(false)[1]?.failed).toBe(true)
  })
})

describe("a search", () => {
  const rows = rowsOf(run, open, noFilter)
  const find = (words: string) => searchRows(rows, words, new AbortController().signal)

  it("finds words in lines and in what they show when they are open, in any case", async () => {
    expect((await find("NEEDLE"))?.map((index) => rows[index]?.kind)).toEqual(["tool"])
    expect((await find("i run"))?.map((index) => rows[index]?.kind)).toEqual(["model"])
    expect((await find("find   out"))?.map((index) => rows[index]?.kind)).toEqual(["child"])
  })

  it("takes words as they are, and none for nothing", async () => {
    expect(await find("a.ts(")).toEqual([])
    expect(await find("  ")).toEqual([])
  })

  it("gives nothing when it was called off", async () => {
    const abort = new AbortController()
    abort.abort()
    expect(await searchRows(rows, "step", abort.signal)).toBeNull()
  })
})
