import { describe, expect, it } from "vitest"
import { foldedCalls } from "./foldedCalls.ts"
import { asks, decides, toolCall } from "./testing.ts"
import { argsOf, callState, fileOf, kindOf, verbOf } from "./toolCalls.ts"

const bash = toolCall("bash", { command: "npm test" })

describe("how a call stands", () => {
  it("is what has been recorded of it, while the run goes on", () => {
    expect(callState(bash, true)).toBe("asked")
    expect(callState({ ...bash, approval: asks(bash) }, true)).toBe("waiting")
    expect(callState({ ...bash, approval: asks(bash), decided: decides("once") }, true)).toBe("asked")
    expect(callState({ ...bash, started_at: "2026-01-01T00:00:00.000Z" }, true)).toBe("running")
    expect(callState({ ...bash, approval: asks(bash), decided: decides("deny") }, true)).toBe("denied")
  })

  it("is never running once the run is over", () => {
    expect(callState(bash, false)).toBe("not_begun")
    expect(callState({ ...bash, approval: asks(bash) }, false)).toBe("not_begun")
    expect(callState({ ...bash, started_at: "2026-01-01T00:00:00.000Z" }, false)).toBe("unknown")
  })

  it.each([
    [{ success: true }, "done"],
    [{ success: false, outcome: "failed" as const, error: "no" }, "failed"],
    [{ success: false, outcome: "failed" as const, error: "refused: outside of the membrane" }, "refused"],
    [{ success: false, outcome: "denied" as const }, "denied"],
    [{ success: false, outcome: "cancelled" as const }, "cancelled"],
    [{ success: false, outcome: "unknown" as const }, "unknown"]
  ])("with the result %j is %s", (result, state) => {
    expect(callState(toolCall("bash", {}, { result }), false)).toBe(state)
  })

  it("goes on where its job does", () => {
    const job = toolCall("bash", {}, { result: { success: true } })
    const work = [
      {
        task_id: "t",
        kind: "terminal_command" as const,
        status: "running" as const,
        agent: null,
        command: "npm start",
        objective: null,
        started_at: "2026-01-01T00:00:00.000Z",
        ended_at: null,
        duration_ms: null,
        output: "",
        output_bytes: null,
        exit_code: null,
        error: null
      }
    ]
    expect(callState({ ...job, work }, true)).toBe("going_on")
    expect(callState({ ...job, work }, false)).toBe("done")
  })
})

describe("a call in words", () => {
  it("is past only where it was done", () => {
    expect(verbOf(bash, "running")).toEqual({ verb: "Running", object: "npm test" })
    expect(verbOf(bash, "done")).toEqual({ verb: "Ran", object: "npm test" })
    expect(verbOf(bash, "denied")).toEqual({ verb: "Run", object: "npm test" })
    expect(verbOf(bash, "unknown")).toEqual({ verb: "Run", object: "npm test" })
  })

  it("shows what is acted with, where a person changed it", () => {
    const changed = { ...bash, decided: decides("once", { tool_args: '{"command":"npm run lint"}' }) }
    expect(verbOf(changed, "asked").object).toBe("npm run lint")
  })

  it("of an unknown tool has its name and what tells most", () => {
    expect(verbOf(toolCall("crawl", { depth: 2, url: "https://a.b" }), "done")).toEqual({
      verb: "Used",
      object: "crawl: https://a.b"
    })
    expect(kindOf(toolCall("constructor", {}))).toBe("other")
    expect(verbOf(toolCall("__proto__", {}), "asked")).toEqual({ verb: "Use", object: "__proto__" })
  })

  it("does not mind what the arguments are", () => {
    for (const args of [
      "",
      "null",
      "[1]",
      "{",
      '"x"',
      '{"command":{"a":1}}',
      '{"command":"\\u202Eevil\\n\\u001B[2J"}'
    ]) {
      const tool = toolCall("bash", args)
      expect(verbOf(tool, "asked").verb).toBe("Run")
      expect(verbOf(tool, "asked").object).not.toMatch(/[\u202E\n\u001B]/)
    }
    expect(argsOf(toolCall("bash", '{"__proto__":{"x":1}}'))).not.toHaveProperty("x")
  })

  it("names the file that it is about", () => {
    expect(fileOf(toolCall("read_file", { path: "a.ts", first_line: 12 }))).toEqual({ path: "a.ts", line: 12 })
    expect(fileOf(toolCall("bash", { path: "a.ts" }))).toBe(null)
  })
})

describe("folded calls", () => {
  const read = (path: string) => toolCall("read_file", { path }, { result: { duration_ms: 500 } })
  const search = (pattern: string) => toolCall("search_files", { pattern }, { result: { duration_ms: 100 } })

  it("tell together what only looks, each file once", () => {
    const folded = foldedCalls([
      read("a"),
      read("b"),
      read("a"),
      search("x"),
      search("y"),
      toolCall("list_files", {}, { result: {} })
    ])
    expect(folded).toMatchObject([
      { kind: "group", words: "Read 2 files, listed 1 folder, 2 searches", duration_ms: 2_700 }
    ])
  })

  it("keep the order, and what acts, fails or goes on by itself", () => {
    const failed = toolCall("read_file", { path: "none" }, { result: { success: false, outcome: "failed" } })
    const going = toolCall("read_file", { path: "slow" })
    const write = toolCall("write_file", { path: "a" }, { result: {} })
    const folded = foldedCalls([read("a"), read("b"), write, read("c"), failed, going, search("x"), read("d")])
    expect(folded.map((each) => (each.kind === "group" ? each.words : each.tool.asked.tool_args))).toEqual([
      "Read 2 files",
      '{"path":"a"}',
      '{"path":"c"}',
      '{"path":"none"}',
      '{"path":"slow"}',
      "Read 1 file, 1 search"
    ])
  })

  it("leave nothing out", () => {
    expect(foldedCalls([])).toEqual([])
    expect(foldedCalls([read("a")])).toMatchObject([{ kind: "call" }])
  })
})
