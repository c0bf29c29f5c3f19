import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import type { ModelRequest } from "./Model.ts"
import { providers } from "./providers.ts"
import { streamSdkModel } from "./SdkModel.ts"

const request: ModelRequest = {
  system: "You help.",
  messages: [
    { role: "user", text: "Read a" },
    {
      role: "assistant",
      text: "",
      toolCalls: [
        {
          callId: "1",
          name: "read_file",
          args: '{"path":"a"}',
          signature: '{"google":{"thoughtSignature":"SIGNED"}}'
        }
      ]
    },
    { role: "tool", callId: "1", name: "read_file", output: "A", isError: false }
  ],
  tools: [{ name: "read_file", description: "Reads", parameters: { type: "object", properties: {} } }]
}

interface Sent {
  readonly url: string
  readonly headers: Headers
  readonly body: string
}

/** Opens a provider's model on a network that gives one answer, and notes what was sent. */
const stream = (id: string, values: Record<string, string>, answer: () => Response) => {
  const sent: Array<Sent> = []
  const provider = providers.get(id)
  const open = Effect.promise(async () => {
    if (provider === undefined) throw new Error(`no provider ${id}`)
    const model = await provider.open("name", {
      values,
      baseUrl: null,
      fetch: async (input, init) => {
        const body = typeof init?.body === "string" ? init.body : ""
        sent.push({ url: String(input), headers: new Headers(init?.headers), body })
        return answer()
      }
    })
    return { model, context: { label: provider.label, model: "name", keyVariable: "KEY", secrets: [] } }
  })
  return { sent, stream: streamSdkModel(open, request) }
}

const events = (...all: ReadonlyArray<object>) =>
  new Response(
    all.map((one) => `${"type" in one ? `event: ${one.type}\n` : ""}data: ${JSON.stringify(one)}\n\n`).join(""),
    {
      headers: { "content-type": "text/event-stream" }
    }
  )

describe("each provider is asked at its own address with its own key, and says when it is refused", () => {
  const cases: ReadonlyArray<[string, Record<string, string>, string, string, string]> = [
    ["openai", { OPENAI_API_KEY: "K" }, "https://api.openai.com/v1/responses", "authorization", "Bearer K"],
    ["anthropic", { ANTHROPIC_API_KEY: "K" }, "https://api.anthropic.com/v1/messages", "x-api-key", "K"],
    ["google", { GEMINI_API_KEY: "K" }, "https://generativelanguage.googleapis.com/", "x-goog-api-key", "K"],
    [
      "bedrock",
      { AWS_BEARER_TOKEN_BEDROCK: "K" },
      "https://bedrock-runtime.us-east-1.amazonaws.com/model/name/converse-stream",
      "authorization",
      "Bearer K"
    ],
    [
      "bedrock",
      { AWS_ACCESS_KEY_ID: "I", AWS_SECRET_ACCESS_KEY: "S", AWS_REGION: "eu-west-1" },
      "https://bedrock-runtime.eu-west-1.amazonaws.com/",
      "authorization",
      "AWS4-HMAC-SHA256 Credential=I/"
    ],
    ["zai", { ZAI_API_KEY: "K" }, "https://api.z.ai/api/paas/v4/chat/completions", "authorization", "Bearer K"]
  ]
  it.effect.each(cases)("%s", ([id, values, url, header, key]) =>
    Effect.gen(function* () {
      const refused = () => new Response('{"message":"no","error":{"message":"no"}}', { status: 401 })
      const asked = stream(id, values, refused)
      const error = yield* Effect.flip(Stream.runDrain(asked.stream))

      expect({ ...error }).toMatchObject({ kind: "auth", retryable: false })
      expect(asked.sent).toHaveLength(1)
      expect(asked.sent[0]?.url.startsWith(url)).toBe(true)
      expect(asked.sent[0]?.headers.get(header)?.startsWith(key)).toBe(true)
    })
  )
})

it.effect("Anthropic's stream, with its cache marks", () =>
  Effect.gen(function* () {
    const usage = { input_tokens: 10, cache_read_input_tokens: 90, output_tokens: 1 }
    const asked = stream("anthropic", { ANTHROPIC_API_KEY: "K" }, () =>
      events(
        {
          type: "message_start",
          message: { id: "m", type: "message", role: "assistant", model: "name", content: [], usage }
        },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "ping" },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } },
        { type: "content_block_stop", index: 0 },
        {
          type: "content_block_start",
          index: 1,
          content_block: { type: "tool_use", id: "t", name: "read_file", input: {} }
        },
        { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '{"path":' } },
        { type: "content_block_delta", index: 1, delta: { type: "input_json_delta", partial_json: '"a"}' } },
        { type: "content_block_stop", index: 1 },
        { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 7 } },
        { type: "message_stop" }
      )
    )

    expect(yield* Stream.runCollect(asked.stream)).toEqual([
      { _tag: "Text", text: "Hi" },
      { _tag: "ToolCall", callId: "t", name: "read_file", args: '{"path":"a"}' },
      {
        _tag: "End",
        finishReason: "tool_calls",
        usage: { inputTokens: 100, outputTokens: 7, cachedTokens: 90 }
      }
    ])
    expect(asked.sent[0]?.body.match(/"cache_control":\{"type":"ephemeral"\}/g)).toHaveLength(2)
  })
)

it.effect("Anthropic's stream that is cut, and one that fails in the middle", () =>
  Effect.gen(function* () {
    const start = {
      type: "message_start",
      message: {
        id: "m",
        type: "message",
        role: "assistant",
        model: "n",
        content: [],
        usage: { input_tokens: 1, output_tokens: 1 }
      }
    }
    const begun = { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } }
    const text = { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hi" } }
    const overloaded = { type: "error", error: { type: "overloaded_error", message: "Overloaded" } }
    const fail = (...all: ReadonlyArray<object>) =>
      Effect.flip(Stream.runDrain(stream("anthropic", { ANTHROPIC_API_KEY: "K" }, () => events(...all)).stream))

    expect((yield* fail(start, begun, text)).kind).toBe("network")
    expect((yield* fail(start, begun, text, overloaded)).kind).toBe("overloaded")
    expect((yield* fail(start, overloaded)).kind).toBe("overloaded")
  })
)

it.effect("Google's stream: a call's signature comes back with the call", () =>
  Effect.gen(function* () {
    const asked = stream("google", { GEMINI_API_KEY: "K" }, () =>
      events({
        candidates: [
          {
            content: {
              role: "model",
              parts: [{ functionCall: { name: "read_file", args: { path: "b" } }, thoughtSignature: "NEXT" }]
            },
            finishReason: "STOP"
          }
        ],
        usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 }
      })
    )
    const parts = yield* Stream.runCollect(asked.stream)

    expect(parts[0]).toMatchObject({
      _tag: "ToolCall",
      name: "read_file",
      args: '{"path":"b"}',
      signature: '{"google":{"thoughtSignature":"NEXT"}}'
    })
    expect(parts.at(-1)).toMatchObject({ _tag: "End", finishReason: "tool_calls" })
    expect(asked.sent[0]?.body).toContain('"thoughtSignature":"SIGNED"')
  })
)

it.effect("OpenAI's stream of responses, of which it keeps nothing", () =>
  Effect.gen(function* () {
    const item = { type: "function_call", id: "fc", call_id: "c", name: "read_file", arguments: "" }
    const asked = stream("openai", { OPENAI_API_KEY: "K" }, () =>
      events(
        { type: "response.created", response: { id: "r", created_at: 1, model: "name" } },
        { type: "response.output_item.added", output_index: 0, item: { type: "message", id: "m" } },
        { type: "response.output_text.delta", item_id: "m", delta: "Hi" },
        { type: "response.output_item.done", output_index: 0, item: { type: "message", id: "m" } },
        { type: "response.output_item.added", output_index: 1, item },
        { type: "response.function_call_arguments.delta", item_id: "fc", output_index: 1, delta: '{"path":"a"}' },
        {
          type: "response.output_item.done",
          output_index: 1,
          item: { ...item, arguments: '{"path":"a"}', status: "completed" }
        },
        { type: "response.completed", response: { usage: { input_tokens: 3, output_tokens: 4 } } }
      )
    )

    expect(yield* Stream.runCollect(asked.stream)).toEqual([
      { _tag: "Text", text: "Hi" },
      { _tag: "ToolCall", callId: "c", name: "read_file", args: '{"path":"a"}' },
      expect.objectContaining({ _tag: "End", finishReason: "tool_calls" })
    ])
    expect(JSON.parse(asked.sent[0]?.body ?? "")).toMatchObject({ store: false, stream: true })
  })
)
