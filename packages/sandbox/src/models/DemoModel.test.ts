import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { makeDemoModel } from "./DemoModel.ts"
import type { ModelMessage, ModelPart, ModelTool } from "./Model.ts"

const tool = (name: string, ...properties: ReadonlyArray<string>): ModelTool => ({
  name,
  description: name,
  parameters: { type: "object", properties: Object.fromEntries(properties.map((one) => [one, { type: "string" }])) }
})
const tools = [
  tool("bash", "command"),
  tool("list_files", "path"),
  tool("read_file", "path"),
  tool("write_file", "path", "content"),
  tool("edit_file", "file_path", "old_string", "new_string"),
  tool("search_files", "pattern", "path")
]

const demo = makeDemoModel({ delayMs: 0 })
const user = (text: string): ModelMessage => ({ role: "user", text })
const ask = (messages: ReadonlyArray<ModelMessage>, given = tools) =>
  Stream.runCollect(demo.stream({ system: "", messages, tools: given }))
const textOf = (parts: ReadonlyArray<ModelPart>) =>
  parts.map((part) => (part._tag === "Text" ? part.text : "")).join("")
const callOf = (parts: ReadonlyArray<ModelPart>) => parts.find((part) => part._tag === "ToolCall")

/** Asks again with what the tools gave until there is no call left. */
const turn = Effect.fnUntraced(function* (start: ReadonlyArray<ModelMessage>, output: (name: string) => string) {
  let messages = start
  const calls: Array<string> = []
  while (true) {
    const parts = yield* ask(messages)
    const call = callOf(parts)
    if (call?._tag !== "ToolCall") return { calls, text: textOf(parts), end: parts.at(-1) }
    calls.push(`${call.name} ${call.args}`)
    messages = [
      ...messages,
      { role: "assistant", text: textOf(parts), toolCalls: [call] },
      { role: "tool", callId: call.callId, name: call.name, output: output(call.name), isError: false }
    ]
  }
})

describe("the demo model", () => {
  const calls: ReadonlyArray<[string, string, Record<string, string>]> = [
    ["$ ls", "bash", { command: "ls" }],
    ["list files in src", "list_files", { path: "src" }],
    ["read a.txt", "read_file", { path: "a.txt" }],
    ["write a.txt: b", "write_file", { path: "a.txt", content: "b" }],
    ["edit a.txt: b -> c", "edit_file", { file_path: "a.txt", old_string: "b", new_string: "c" }],
    ["search for a.b(", "search_files", { pattern: "a\\.b\\(", path: "." }]
  ]
  it.effect.each(calls)("%s calls the tool for it", ([message, name, args]) =>
    Effect.gen(function* () {
      const parts = yield* ask([user(message)])
      const call = callOf(parts)

      expect(call).toMatchObject({ name })
      expect(call?._tag === "ToolCall" ? JSON.parse(call.args) : null).toEqual(args)
      expect(parts.at(-1)).toEqual({
        _tag: "End",
        finishReason: "tool_calls",
        usage: { inputTokens: 0, outputTokens: 0 }
      })
    })
  )

  it.effect("does one thing after the other, and ends with what the tools gave", () =>
    Effect.gen(function* () {
      const { calls, end, text } = yield* turn(
        [user("do list files and $ pwd and read a.txt")],
        (name) => `from ${name}`
      )

      expect(calls).toEqual(['list_files {"path":"."}', 'bash {"command":"pwd"}', 'read_file {"path":"a.txt"}'])
      expect(text).toContain("The files in `.`:\n\n```\nfrom list_files\n```")
      expect(text).toContain("`pwd` printed:\n\n```\nfrom bash\n```")
      expect(text).toContain("`a.txt` says:\n\n```\nfrom read_file\n```")
      expect(end).toMatchObject({ _tag: "End", finishReason: "stop" })
    })
  )

  it.effect("answers each message that waits, and does not repeat what an earlier turn did", () =>
    Effect.gen(function* () {
      const { calls } = yield* turn(
        [
          user("$ rm old"),
          { role: "assistant", text: "", toolCalls: [{ callId: "1", name: "bash", args: '{"command":"rm old"}' }] },
          { role: "tool", callId: "1", name: "bash", output: "", isError: false },
          { role: "assistant", text: "Done.", toolCalls: [] },
          user("$ first"),
          user("$ second")
        ],
        () => ""
      )

      expect(calls).toEqual(['bash {"command":"first"}', 'bash {"command":"second"}'])
    })
  )

  it.effect("turns to a message that comes in between, and says what it left", () =>
    Effect.gen(function* () {
      const parts = yield* ask([
        user("do $ one and $ two"),
        { role: "assistant", text: "", toolCalls: [{ callId: "1", name: "bash", args: '{"command":"one"}' }] },
        { role: "tool", callId: "1", name: "bash", output: "", isError: false },
        user("list files")
      ])

      expect(textOf(parts)).toBe("Your new message comes first; not done: run `two`. I list the files in `.`.")
      expect(callOf(parts)).toMatchObject({ name: "list_files" })
    })
  )

  it.effect("says that a tool failed, with its words", () =>
    Effect.gen(function* () {
      const parts = yield* ask([
        user("read a.txt"),
        { role: "assistant", text: "", toolCalls: [{ callId: "1", name: "read_file", args: '{"path":"a.txt"}' }] },
        { role: "tool", callId: "1", name: "read_file", output: "no such ```file```", isError: true }
      ])

      expect(textOf(parts)).toBe("I tried to read `a.txt`, and it failed:\n\n````\nno such ```file```\n````")
    })
  )

  it.effect("says what it can't do: without the tool, or without understanding", () =>
    Effect.gen(function* () {
      expect(textOf(yield* ask([user("$ ls")], []))).toContain("I can't run `ls`")
      const lost = textOf(yield* ask([user("Write me a poem")]))
      expect(lost).toContain("I did not understand `Write me a poem`")
      expect(lost).toContain("no artificial intelligence")
    })
  )

  it.effect("gives the same answer to the same request, in small pieces", () =>
    Effect.gen(function* () {
      const first = yield* ask([user("help")])

      expect(yield* ask([user("help")])).toEqual(first)
      expect(first.length).toBeGreaterThan(20)
    })
  )

  it.effect("waits before each word when it is told to", () =>
    Effect.gen(function* () {
      const slow = makeDemoModel({ delayMs: 100 })
      const seen: Array<ModelPart> = []
      const fiber = yield* Effect.forkChild(
        Stream.runForEach(slow.stream({ system: "", messages: [user("help")], tools }), (part) =>
          Effect.sync(() => seen.push(part))
        )
      )
      yield* TestClock.adjust(350)

      expect(seen).toHaveLength(3)
      yield* Fiber.interrupt(fiber)
    })
  )
})
