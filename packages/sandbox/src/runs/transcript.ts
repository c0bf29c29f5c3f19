/** A run's transcript in the words of a model request. */
import type { TranscriptItem } from "@choiros/protocol"
import type { ModelMessage } from "../models/Model.ts"

/** Outputs of steps before the last are cut to so many characters. */
export const toModelMessages = (
  transcript: ReadonlyArray<TranscriptItem>,
  olderOutputs: number
): ReadonlyArray<ModelMessage> => {
  const last = transcript.findLastIndex((item) => item.kind === "assistant")
  return transcript.flatMap((item, index): ReadonlyArray<ModelMessage> => {
    if (item.kind === "user") return [{ role: "user", text: item.text }]
    const toolCalls = item.tools.map(({ asked }) => ({
      callId: asked.call_id,
      name: asked.tool_name,
      args: asked.tool_args,
      ...(asked.signature === undefined ? {} : { signature: asked.signature })
    }))
    const results = item.tools.map(
      ({ asked, result }): ModelMessage => ({
        role: "tool",
        callId: asked.call_id,
        name: asked.tool_name,
        output: cut(
          result === null ? "no result" : (result.output ?? result.error ?? ""),
          index < last ? olderOutputs : Infinity
        ),
        isError: result?.success !== true
      })
    )
    return [{ role: "assistant", text: item.text, toolCalls }, ...results]
  })
}

const cut = (text: string, limit: number): string => (text.length <= limit ? text : `${text.slice(0, limit)}…`)
