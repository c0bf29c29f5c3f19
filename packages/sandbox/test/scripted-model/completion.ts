/** A turn as the events of OpenAI's chat completions, or as one whole completion. */
import type { Facts, Turn } from "./Script.ts"

interface Call {
  readonly id: string
  readonly name: string
  readonly args: string
}

export interface Completion {
  readonly id: string
  readonly model: string
  readonly reasoning: string
  readonly text: string
  readonly calls: ReadonlyArray<Call>
  readonly finishReason: string
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number }
}

export const complete = (
  turn: Turn,
  facts: Facts,
  request: { id: string; model: string; bytes: number }
): Completion => {
  const fill = (text: string): string => text.replaceAll("{{user}}", facts.user).replaceAll("{{last}}", facts.last.text)
  const calls =
    turn.fail?.kind === "bad_tool_args"
      ? [{ id: `call_${request.id}_0`, name: turn.fail.name ?? facts.tools[0] ?? "tool", args: '{"path": "unfinis' }]
      : (turn.answer?.tool_calls ?? []).map(({ args, id, name }, index) => ({
          id: id ?? `call_${request.id}_${index}`,
          name,
          args: typeof args === "string" ? fill(args) : JSON.stringify(fillAll(args, fill))
        }))
  const reasoning = fill(turn.answer?.reasoning ?? "")
  const text = fill(turn.answer?.text ?? (calls.length === 0 ? "An answer from the script." : ""))
  // About four characters a token: enough for counts that are plausible and the same each time.
  const prompt = Math.ceil(request.bytes / 4)
  const completion = Math.ceil([reasoning, text, ...calls.map(({ args }) => args)].join("").length / 4)
  return {
    id: `chatcmpl-${request.id}`,
    model: request.model,
    reasoning,
    text,
    calls,
    finishReason: turn.answer?.finish_reason ?? (calls.length === 0 ? "stop" : "tool_calls"),
    usage: { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion }
  }
}

const fillAll = (value: unknown, fill: (text: string) => string): unknown => {
  if (typeof value === "string") return fill(value)
  if (Array.isArray(value)) return value.map((one) => fillAll(one, fill))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillAll(one, fill)]))
}

/** The events of a stream, of which `content` holds what a cut can come after. */
export const streamEvents = (
  completion: Completion,
  size: number
): { readonly content: ReadonlyArray<string>; readonly end: ReadonlyArray<string> } => {
  const head = { id: completion.id, object: "chat.completion.chunk", created, model: completion.model }
  const event = (delta: unknown, finish: string | null = null): string =>
    sse({ ...head, choices: [{ index: 0, delta, finish_reason: finish }] })
  const content = [event({ role: "assistant", content: "" })]
  for (const piece of pieces(completion.reasoning, size)) content.push(event({ reasoning_content: piece }))
  for (const piece of pieces(completion.text, size)) content.push(event({ content: piece }))
  completion.calls.forEach(({ args, id, name }, index) => {
    content.push(event({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] }))
    for (const piece of pieces(args, size)) {
      content.push(event({ tool_calls: [{ index, function: { arguments: piece } }] }))
    }
  })
  const end = [
    event({}, completion.finishReason),
    sse({ ...head, choices: [], usage: completion.usage }),
    "data: [DONE]\n\n"
  ]
  return { content, end }
}

export const wholeBody = (completion: Completion): unknown => ({
  id: completion.id,
  object: "chat.completion",
  created,
  model: completion.model,
  choices: [
    {
      index: 0,
      finish_reason: completion.finishReason,
      message: {
        role: "assistant",
        content: completion.text,
        ...(completion.calls.length === 0
          ? {}
          : {
              tool_calls: completion.calls.map(({ args, id, name }) => ({
                id,
                type: "function",
                function: { name, arguments: args }
              }))
            })
      }
    }
  ],
  usage: completion.usage
})

/** Any time will do, as long as it is the same. */
const created = 1_767_225_600

export const sse = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`

const pieces = (text: string, size: number): ReadonlyArray<string> => {
  const all: Array<string> = []
  for (let at = 0; at < text.length; at += size) all.push(text.slice(at, at + size))
  return all
}
