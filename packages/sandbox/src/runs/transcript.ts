/** A run's transcript in the words of a model request. */
import type { TranscriptItem } from "@choiros/protocol"
import type { ModelMessage } from "../models/Model.ts"

export const toModelMessages = (transcript: ReadonlyArray<TranscriptItem>): ReadonlyArray<ModelMessage> =>
  transcript.flatMap((item): ReadonlyArray<ModelMessage> => {
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
        output: result === null ? "no result" : (result.output ?? result.error ?? ""),
        isError: result?.success !== true
      })
    )
    return [{ role: "assistant", text: item.text, toolCalls }, ...results]
  })
