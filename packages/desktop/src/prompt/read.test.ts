import { describe, expect, it } from "vitest"
import type { PromptContext, RunRef } from "./context.ts"
import { describe as inWords } from "./describe.ts"
import { read } from "./read.ts"

const working: RunRef = { run_id: "r1", handle: "list-files", objective: "list files", agent: "chat", phase: "working" }
const done: RunRef = { run_id: "r2", handle: "write-a-note", objective: "write a note", agent: "code", phase: "done" }

const context: PromptContext = {
  agents: ["chat", "code", "conductor", "research"],
  models: ["demo", "acme/large", "acme/small"],
  runs: [working, done],
  windows: [{ window_id: "w1", handle: "files", title: "Files" }],
  actions: [
    { id: "open.files", title: "Open Files", words: "Apps" },
    { id: "window.close", title: "Close the window", words: "Windows" }
  ],
  focused: null,
  answering: "chat"
}
const inFront = (run: RunRef): PromptContext => ({ ...context, focused: run })
const kind = (text: string, where = context) => read(text, where).kind

describe("the first character", () => {
  it.each([
    ["", "empty"],
    ["   ", "empty"],
    ["> open fi", "command"],
    ["! npm test", "shell"],
    ["? needle", "search"],
    ["https://example.com/a", "url"],
    ["/help", "help"],
    ["list files", "objective"],
    ["look at https://example.com/a", "objective"],
    [" /stop as words", "objective"],
    [" !important", "objective"],
    [" https://example.com/a", "objective"],
    ["\tlist files", "objective"]
  ])("%j is %s", (text, expected) => {
    expect(kind(text)).toBe(expected)
  })

  it("finds a command by the beginnings of its words", () => {
    expect(read("> cl win", context)).toMatchObject({ action: { id: "window.close" } })
    expect(read("> nothing", context)).toMatchObject({ action: null })
  })

  it("runs no empty shell line", () => {
    expect(kind("!")).toBe("unclear")
  })
})

describe("verbs", () => {
  it("plans what follows", () => {
    expect(read("/plan ship it\nwith tests", context)).toEqual({ kind: "plan", objective: "ship it\nwith tests" })
    expect(kind("/plan")).toBe("unclear")
  })

  it("are about the run in front, or the one that is named", () => {
    expect(read("/stop", inFront(working))).toMatchObject({ kind: "control", verb: "stop", run: working })
    expect(read("/pause @run:list-files", context)).toMatchObject({ kind: "control", verb: "pause", run: working })
    expect(kind("/stop")).toBe("unclear")
    expect(kind("/stop @run:unknown", inFront(working))).toBe("unclear")
  })

  it("are refused where the run's state is not for them", () => {
    expect(kind("/stop", inFront(done))).toBe("unclear")
    expect(kind("/resume", inFront(working))).toBe("unclear")
    expect(kind("/retry", inFront(working))).toBe("unclear")
    expect(read("/retry", inFront(done))).toMatchObject({ kind: "control", verb: "retry" })
    expect(kind("/pause", inFront({ ...working, phase: "paused" }))).toBe("unclear")
    expect(read("/resume", inFront({ ...working, phase: "paused" }))).toMatchObject({ verb: "resume" })
  })

  it.each([
    ["/budget 2usd", [{ kind: "money", limit: 2 }]],
    ["/budget $1.5", [{ kind: "money", limit: 1.5 }]],
    ["/budget 50000tokens", [{ kind: "tokens", limit: 50_000 }]],
    ["/budget 50k tokens", [{ kind: "tokens", limit: 50_000 }]],
    [
      "/budget 20steps, 10min",
      [
        { kind: "steps", limit: 20 },
        { kind: "wall_time", limit: 600 }
      ]
    ]
  ])("reads %j", (text, caps) => {
    expect(read(text, inFront(working))).toEqual({ kind: "caps", caps, run: working })
  })

  it("gives a new run its budget, also while another one is in front", () => {
    expect(read("/budget 2usd 5 small fixes", inFront(working))).toMatchObject({
      kind: "objective",
      text: "5 small fixes",
      run: null,
      caps: [{ kind: "money", limit: 2 }]
    })
    expect(kind("/budget 0usd", inFront(working))).toBe("unclear")
    expect(kind("/budget 2usd")).toBe("unclear")
  })

  it("knows models and agents by a part of their name, if it is of one alone", () => {
    expect(read("/model small", context)).toEqual({ kind: "model", model: "acme/small" })
    expect(kind("/model acme")).toBe("unclear")
    expect(read("/agent res", context)).toEqual({ kind: "agent", agent: "research" })
    expect(kind("/agent co")).toBe("unclear")
  })

  it("says so where there is none of that name", () => {
    expect(read("/etc/hosts is broken", context)).toMatchObject({
      kind: "unclear",
      problem: expect.stringContaining("/etc/hosts")
    })
  })
})

describe("an objective", () => {
  it("is for a new run, or for the run at work in front", () => {
    expect(read("go on", context)).toMatchObject({ agent: "chat", run: null })
    expect(read("go on", inFront(working))).toMatchObject({ run: working })
    expect(read("go on", inFront(done))).toMatchObject({ run: null })
  })

  it("goes to whom it begins with", () => {
    expect(read("@code fix it", inFront(working))).toMatchObject({ text: "fix it", agent: "code", run: null })
    expect(read("@run:list-files, faster", context)).toMatchObject({ text: "faster", run: working })
    expect(read("@nobody fix it", context)).toMatchObject({ text: "@nobody fix it", agent: "chat" })
    expect(kind("@run:write-a-note more", context)).toBe("unclear")
  })

  it("goes to a window when only that is named", () => {
    expect(kind("@window:files")).toBe("window")
    expect(kind("@window:files is empty")).toBe("objective")
  })

  it("is all of a line that begins with a space, whomever that names", () => {
    expect(read(" @code fix it", context)).toMatchObject({ text: "@code fix it", agent: "chat", run: null })
    expect(read(" @run:list-files more", context)).toMatchObject({ text: "@run:list-files more", run: null })
    expect(kind(" @window:files")).toBe("objective")
    expect(read(" https://example.com/a", inFront(working))).toMatchObject({
      text: "https://example.com/a",
      agent: "chat",
      run: working
    })
  })
})

describe("the chip", () => {
  const chip = (text: string, where = context, way: "steer" | "new" = "steer") => inWords(read(text, where), way, null)

  it("names the model that was chosen for new runs, for each line that begins one", () => {
    const chosen = (text: string) => inWords(read(text, context), "steer", "acme/small").label
    expect(chosen("go")).toBe("New run with acme/small")
    expect(chosen("/plan go")).toBe("Plan first with acme/small, then wait for you")
    expect(chosen("https://example.com/a")).toBe("New run with acme/small: look at example.com")
    expect(chosen("@run:list-files go")).toBe("Steer")
  })

  it("says what Enter does, and to whom", () => {
    expect(chip("go", context)).toEqual({ label: "New run", target: "chat", unclear: false })
    expect(chip("go", inFront(working))).toEqual({ label: "Steer", target: "list files", unclear: false })
    expect(chip("go", inFront(working), "new")).toEqual({ label: "New run", target: "chat", unclear: false })
    expect(chip("https://example.com/a?b")).toMatchObject({ label: "New run: look at example.com", target: "research" })
    expect(chip("/budget 10min 2usd x")).toMatchObject({ label: "New run, at most 10 min, $2" })
    expect(chip("! ls")).toEqual({ label: "Shell line, as you", target: null, unclear: false })
    expect(chip("/stop")).toMatchObject({ unclear: true })
  })
})
