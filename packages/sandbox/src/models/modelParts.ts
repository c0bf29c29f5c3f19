/**
 * The AI SDK's stream parts become ours.
 *
 * Law: no part ends in half a character, whatever the provider cut the text into.
 */
import type { FinishReason, ModelPart, ModelUsage } from "./Model.ts"
import type { SdkPart } from "./sdk.ts"
import { encodeSignature } from "./signature.ts"
import { parseArgs } from "./toolArgs.ts"

type Finish = Extract<SdkPart, { type: "finish" }>

/** Turns each part of one stream into none, one or several of ours; it keeps the half of a character that is not whole yet. */
export const makePartReader = (): ((part: SdkPart) => ReadonlyArray<ModelPart>) => {
  let tag: "Text" | "Reasoning" = "Text"
  let half = ""

  const delta = (next: "Text" | "Reasoning", text: string): ReadonlyArray<ModelPart> => {
    const parts = next === tag ? [] : rest()
    tag = next
    const all = half + text
    half = endsInHalf(all) ? all.slice(-1) : ""
    const whole = half === "" ? all : all.slice(0, -1)
    return whole === "" ? parts : [...parts, { _tag: next, text: whole.toWellFormed() }]
  }
  const rest = (): ReadonlyArray<ModelPart> => {
    if (half === "") return []
    half = ""
    return [{ _tag: tag, text: "\ufffd" }]
  }

  return (part) => {
    switch (part.type) {
      case "text-delta":
        return delta("Text", part.delta)
      case "reasoning-delta":
        return delta("Reasoning", part.delta)
      case "tool-call":
        return part.providerExecuted === true ? [] : [...rest(), toolCall(part)]
      case "finish":
        return [...rest(), { _tag: "End", finishReason: finishReason(part), usage: usage(part) }]
      default:
        return []
    }
  }
}

const endsInHalf = (text: string): boolean => {
  const code = text.charCodeAt(text.length - 1)
  return code >= 0xd800 && code <= 0xdbff
}

const toolCall = (part: Extract<SdkPart, { type: "tool-call" }>): ModelPart => {
  // Models leave the arguments of a tool without parameters empty.
  const args = part.input.trim() === "" ? "{}" : part.input.toWellFormed()
  const parsed = parseArgs(args)
  const signature = encodeSignature(part.providerMetadata)
  return {
    _tag: "ToolCall",
    callId: part.toolCallId,
    name: part.toolName,
    args,
    ...("invalid" in parsed ? { invalid: parsed.invalid } : {}),
    ...(signature === undefined ? {} : { signature })
  }
}

const finishReason = (part: Finish): FinishReason => {
  switch (part.finishReason.unified) {
    case "stop":
    case "length":
      return part.finishReason.unified
    case "tool-calls":
      return "tool_calls"
    case "content-filter":
      return "content_filter"
    default:
      return "other"
  }
}

const usage = (part: Finish): ModelUsage => ({
  inputTokens: part.usage.inputTokens.total ?? null,
  outputTokens: part.usage.outputTokens.total ?? null,
  ...(part.usage.inputTokens.cacheRead === undefined ? {} : { cachedTokens: part.usage.inputTokens.cacheRead })
})
