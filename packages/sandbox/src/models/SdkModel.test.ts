import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import type { Script, Turn } from "../../test/scripted-model/Script.ts"
import { scriptedModel } from "../../test/scripted-model/withModel.ts"
import type { ModelError, ModelPart, ModelRequest } from "./Model.ts"
import type { ModelsConfig } from "./Models.ts"

const request: ModelRequest = {
  system: "You help.",
  messages: [{ role: "user", text: "Hello" }],
  tools: [
    {
      name: "read_file",
      description: "Reads a file",
      parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] }
    }
  ]
}

const once = (turn: Turn): Script => ({ turns: [turn] })

const collect = (script: Script, asked: ModelRequest = request, id?: string) =>
  Effect.scoped(
    Effect.gen(function* () {
      const { model, server } = yield* scriptedModel(script, {}, id)
      const parts = yield* Stream.runCollect(model.stream(asked))
      return { parts, server }
    })
  )

const fail = (turn: Turn, config: Partial<ModelsConfig> = {}): Effect.Effect<ModelError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const { model } = yield* scriptedModel(once(turn), config).pipe(Effect.orDie)
      return yield* Effect.flip(Stream.runDrain(model.stream(request))).pipe(Effect.orDie)
    })
  )

const textOf = (parts: ReadonlyArray<ModelPart>): string =>
  parts.map((part) => (part._tag === "Text" ? part.text : "")).join("")

const ids = ["openai-compatible/scripted", "openai/scripted"]

describe.each(ids)("a model over HTTP, %s", (id) => {
  it.live("streams text in order and ends once, with what it used", () =>
    Effect.gen(function* () {
      const { parts } = yield* collect(
        once({ answer: { text: "one two three four" }, chunks: { size: 4, delay_ms: 1 } }),
        request,
        id
      )

      expect(textOf(parts)).toBe("one two three four")
      expect(parts.filter((part) => part._tag === "Text").length).toBeGreaterThan(2)
      expect(parts.at(-1)).toMatchObject({ _tag: "End", finishReason: "stop" })
      expect(parts.filter((part) => part._tag === "End")).toHaveLength(1)
      const end = parts.at(-1)
      expect(end?._tag === "End" && (end.usage.inputTokens ?? 0) > 0 && end.usage.outputTokens === 5).toBe(true)
    })
  )

  it.live("keeps characters whole, whether the bytes or the code units are split", () =>
    Effect.gen(function* () {
      const text = "é 日本語 👩‍👩‍👧 𝒳 done"
      const { parts } = yield* collect({ turns: [{ answer: { text }, chunks: { size: 1, bytes: 7 } }] }, request, id)

      expect(textOf(parts)).toBe(text)
      for (const part of parts) if (part._tag === "Text") expect(part.text.isWellFormed()).toBe(true)
    })
  )

  it.live("gives tool calls with the arguments as the model wrote them", () =>
    Effect.gen(function* () {
      const { parts } = yield* collect(
        once({
          answer: {
            text: "Reading both.",
            tool_calls: [
              { id: "call_a", name: "read_file", args: '{ "path":  "a.txt" }' },
              { id: "call_b", name: "read_file", args: { path: "b.txt" } }
            ]
          },
          chunks: { size: 3 }
        }),
        request,
        id
      )

      expect(parts.filter((part) => part._tag === "ToolCall")).toEqual([
        { _tag: "ToolCall", callId: "call_a", name: "read_file", args: '{ "path":  "a.txt" }' },
        { _tag: "ToolCall", callId: "call_b", name: "read_file", args: '{"path":"b.txt"}' }
      ])
      expect(parts.at(-1)).toMatchObject({ _tag: "End", finishReason: "tool_calls" })
    })
  )

  it.live("passes on a tool call whose arguments don't parse, and says why", () =>
    Effect.gen(function* () {
      const { parts } = yield* collect(once({ fail: { kind: "bad_tool_args" } }), request, id)

      const call = parts.find((part) => part._tag === "ToolCall")
      expect(call).toMatchObject({ name: "read_file", args: '{"path": "unfinis' })
      expect(call?._tag === "ToolCall" && call.invalid).toMatch(/not valid JSON/)
    })
  )

  it.live("says it was cut when the answer has no end, however politely", () =>
    Effect.gen(function* () {
      for (const clean of [true, false]) {
        const script = once({
          answer: { text: "This will not be whole" },
          fail: { kind: "cut", clean, after_chunks: 2 }
        })
        const error = yield* Effect.flip(collect(script, request, id))

        expect(error).toMatchObject({ kind: "network", retryable: true })
        expect(error.message).toContain("was cut")
      }
    })
  )
})

it.live("speaks reasoning apart from text", () =>
  Effect.gen(function* () {
    const { parts } = yield* collect(once({ answer: { reasoning: "Hm.", text: "Yes." } }))

    expect(parts.slice(0, 2)).toEqual([
      { _tag: "Reasoning", text: "Hm." },
      { _tag: "Text", text: "Yes." }
    ])
  })
)

it.live("sends the whole conversation, and the results of one step together", () =>
  Effect.gen(function* () {
    const { server } = yield* collect(
      { default: { expect: { system: { contains: "You help." }, tools: ["read_file"], last: { role: "tool" } } } },
      {
        ...request,
        maxOutputTokens: 77,
        messages: [
          { role: "user", text: "Read a and b" },
          {
            role: "assistant",
            text: "",
            toolCalls: [
              { callId: "1", name: "read_file", args: '{"path":"a"}' },
              { callId: "2", name: "read_file", args: "{broken" }
            ]
          },
          { role: "tool", callId: "1", name: "read_file", output: "A", isError: false },
          { role: "tool", callId: "2", name: "read_file", output: "bad arguments", isError: true }
        ]
      }
    )

    expect(server.problems).toEqual([])
    expect(server.requests[0]?.headers.authorization).toBe("Bearer sk-scripted-0123456789")
    expect(server.requests[0]?.body).toMatchObject({
      model: "scripted",
      stream: true,
      max_tokens: 77,
      messages: [
        { role: "system", content: "You help." },
        { role: "user" },
        {
          role: "assistant",
          tool_calls: [
            { id: "1", function: { name: "read_file", arguments: '{"path":"a"}' } },
            { id: "2", function: { arguments: JSON.stringify({ invalid_json: "{broken" }) } }
          ]
        },
        { role: "tool", tool_call_id: "1", content: "A" },
        { role: "tool", tool_call_id: "2", content: "bad arguments" }
      ]
    })
  })
)

const status = (code: number, body: unknown, headers: Record<string, string> = {}): Turn => ({
  fail: { kind: "status", status: code, headers, body }
})
const said = (message: string, code: string | null = null) => ({ error: { message, type: "error", code } })

describe("a failure has its kind", () => {
  const cases: ReadonlyArray<[string, Turn, Partial<ModelError>]> = [
    [
      "429 with seconds",
      status(429, said("slow"), { "retry-after": "2" }),
      { kind: "rate_limited", retryable: true, retryAfterMs: 2000 }
    ],
    [
      "429 with milliseconds",
      status(429, said("slow"), { "retry-after-ms": "1500" }),
      { kind: "rate_limited", retryAfterMs: 1500 }
    ],
    ["429 without a time", status(429, said("slow")), { kind: "rate_limited", retryable: true }],
    [
      "used up quota",
      status(429, said("You exceeded your current quota", "insufficient_quota")),
      { kind: "rate_limited", retryable: false }
    ],
    ["500", status(500, said("oops")), { kind: "server", retryable: true }],
    ["500 that isn't JSON", status(500, "<html>oops</html>"), { kind: "server", retryable: true }],
    ["503", status(503, said("busy")), { kind: "overloaded", retryable: true }],
    ["529", status(529, said("Overloaded")), { kind: "overloaded", retryable: true }],
    [
      "401",
      status(401, said("Incorrect API key provided: sk-scripted-0123456789")),
      { kind: "auth", retryable: false }
    ],
    [
      "404",
      status(404, said("The model `x` does not exist", "model_not_found")),
      { kind: "unknown_model", retryable: false }
    ],
    ["400", status(400, said("temperature is out of range")), { kind: "invalid_request", retryable: false }],
    [
      "400 for a full context",
      status(400, said("This model's maximum context length is 8192 tokens", "context_length_exceeded")),
      { kind: "context_full", retryable: false }
    ],
    ["413", status(413, said("too large")), { kind: "context_full", retryable: false }],
    [
      "400 for a policy",
      status(400, said("blocked by our content policy", "content_filter")),
      { kind: "refused", retryable: false }
    ],
    [
      "a cut connection",
      { answer: { text: "abcdefgh" }, fail: { kind: "cut", after_chunks: 1 } },
      { kind: "network", retryable: true }
    ],
    [
      "a malformed chunk",
      { answer: { text: "abc" }, fail: { kind: "malformed" } },
      { kind: "malformed", retryable: true }
    ],
    [
      "an error within the stream",
      {
        answer: { text: "abc" },
        fail: { kind: "error_event", error: { message: "Overloaded", type: "overloaded_error" } }
      },
      { kind: "overloaded", retryable: true }
    ]
  ]
  it.live.each(cases)("%s", ([, turn, expected]) =>
    Effect.gen(function* () {
      const error = yield* fail(turn)

      expect({ ...error }).toMatchObject(expected)
      expect(error.message).not.toContain("sk-scripted")
      expect(error.message).toMatch(/\.$/)
      if (!("retryAfterMs" in expected)) expect(error.retryAfterMs).toBeUndefined()
    })
  )

  it.live("silence before the answer", () =>
    Effect.gen(function* () {
      const error = yield* fail({ fail: { kind: "hang" } }, { idleTimeoutMs: 60 })

      expect({ ...error }).toMatchObject({ kind: "timeout", retryable: true })
      expect(error.message).toContain("sent nothing for 60 ms")
    })
  )

  it.live("silence in the middle of the answer", () =>
    Effect.gen(function* () {
      const error = yield* fail(
        { answer: { text: "and then" }, fail: { kind: "hang", after_chunks: 2 } },
        { idleTimeoutMs: 60 }
      )

      expect({ ...error }).toMatchObject({ kind: "timeout", retryable: true })
    })
  )

  it.live("but no failure while something comes, however long it takes", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { model } = yield* scriptedModel(
          once({ answer: { text: "0123456789abcdef" }, chunks: { size: 1, delay_ms: 100 } }),
          { idleTimeoutMs: 1_000 }
        )

        expect(textOf(yield* Stream.runCollect(model.stream(request)))).toBe("0123456789abcdef")
      })
    )
  )

  it.live("nor while it is we who don't read", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const text = "x".repeat(2_000_000)
        const { model } = yield* scriptedModel(once({ answer: { text }, chunks: { size: 50_000 } }), {
          idleTimeoutMs: 200
        })
        let length = 0
        yield* Stream.runForEach(model.stream(request), (part) => {
          if (part._tag === "Text") length += part.text.length
          return length === 50_000 ? Effect.sleep(500) : Effect.void
        })

        expect(length).toBe(text.length)
      })
    )
  )

  it.live("nobody at the address", () =>
    Effect.gen(function* () {
      const { model } = yield* Effect.scoped(scriptedModel({}))
      const error = yield* Effect.flip(Stream.runDrain(model.stream(request)))

      expect({ ...error }).toMatchObject({ kind: "network", retryable: true })
      expect(error.message).toContain("could not be reached (ECONNREFUSED)")
    })
  )
})

describe("interrupting the stream ends the request", () => {
  it.live("while nothing has come", () => interruptAt({ fail: { kind: "hang" } }))

  it.live("while an answer comes", () =>
    interruptAt({ answer: { text: "and then" }, fail: { kind: "hang", after_chunks: 2 } })
  )

  const interruptAt = (turn: Turn) =>
    Effect.scoped(
      Effect.gen(function* () {
        const { model, server } = yield* scriptedModel(once(turn))
        const fiber = yield* Effect.forkChild(Stream.runDrain(model.stream(request)))
        const arrived = yield* server.request(0)
        yield* Fiber.interrupt(fiber)

        expect(yield* Effect.promise(() => arrived.ended)).toBe("aborted")
      })
    )

  it.live("and so does taking only a part of it", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const { model, server } = yield* scriptedModel(
          once({ answer: { text: "and then" }, fail: { kind: "hang", after_chunks: 2 } })
        )
        const [first] = yield* Stream.runCollect(Stream.take(model.stream(request), 1))
        const arrived = yield* server.request(0)

        expect(first).toEqual({ _tag: "Text", text: "and then" })
        expect(yield* Effect.promise(() => arrived.ended)).toBe("aborted")
      })
    )
  )
})

it.live("one stream is one request: nothing is tried again here", () =>
  Effect.scoped(
    Effect.gen(function* () {
      const { model, server } = yield* scriptedModel({ default: status(500, said("oops")) })
      yield* Effect.flip(Stream.runDrain(model.stream(request)))

      expect(server.requests).toHaveLength(1)
    })
  )
)
