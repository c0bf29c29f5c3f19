/**
 * The part of the AI SDK that we use: its provider interface (language model, version 4), as the provider packages ship it.
 *
 * The `ai` package on top of it would add a step loop, retries and a replay buffer, which are ours or unwanted, and would
 * parse the arguments of a tool call, which we want as the model gave them.
 */
import type { OpenAICompatibleChatLanguageModel } from "@ai-sdk/openai-compatible"

type DoStream = OpenAICompatibleChatLanguageModel["doStream"]

export type SdkOptions = Parameters<DoStream>[0]
export type SdkPrompt = SdkOptions["prompt"]
export type SdkMessage = SdkPrompt[number]
export type SdkTool = NonNullable<SdkOptions["tools"]>[number]
export type SdkPart = Awaited<ReturnType<DoStream>>["stream"] extends ReadableStream<infer Part> ? Part : never

export interface SdkModel {
  doStream(options: SdkOptions): PromiseLike<{ readonly stream: ReadableStream<SdkPart> }>
}
