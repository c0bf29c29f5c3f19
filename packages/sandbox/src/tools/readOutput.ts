/** `read_output`: the whole of an output that a tool's result shows only in part. Served by the server, out of the log. */
import type { EventLog } from "@choiros/event-log"
import { isEvent } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { matchingLines } from "./matchingLines.ts"
import { acts, type Tool, type ToolContext, ToolFailure, tool } from "./Tool.ts"

/** Characters that one call shows. */
const atOnce = 16_000

/** Bytes of an output that a pattern is looked for in. */
const searchedBytes = 32 * 1024 * 1024

export const readOutputTool = (log: EventLog["Service"]): Tool =>
  tool({
    name: "read_output",
    description:
      "Reads more of an output that was cut: a part of it by offset and limit, or the lines that match a pattern.",
    parameters: Schema.Struct({
      call_id: Schema.String.annotate({ description: "The call whose output was cut" }),
      offset: Schema.optional(Schema.Int.annotate({ description: "Bytes to skip" })),
      limit: Schema.optional(Schema.Int.annotate({ description: `Bytes to read, at most ${atOnce}` })),
      pattern: Schema.optional(Schema.String.annotate({ description: "A regular expression: only lines that match" }))
    }),
    effect: "read",
    prepare: (args, context) =>
      acts(
        Effect.gen(function* () {
          const result = yield* findResult(log, args.call_id, context)
          const { blob } = result
          if (blob === undefined) return { success: true, text: result.output ?? result.error ?? "" }
          const range =
            args.pattern === undefined
              ? { offset: Math.max(0, args.offset ?? 0), limit: Math.min(Math.max(1, args.limit ?? atOnce), atOnce) }
              : { offset: 0, limit: searchedBytes }
          const bytes = yield* log.blobs
            .read(blob.hash, range)
            .pipe(Effect.mapError((error) => new ToolFailure({ message: error.message })))
          if (bytes === undefined) return yield* new ToolFailure({ message: "This output is no longer kept" })
          const text = new TextDecoder().decode(bytes)
          if (args.pattern !== undefined)
            return { success: true, text: yield* matchingLines(text, args.pattern, atOnce) }
          const end = range.offset + bytes.byteLength
          const more = end < blob.bytes ? `\n[bytes ${range.offset} to ${end} of ${blob.bytes}]` : ""
          return { success: true, text: text + more }
        })
      )
  })

/** Only outputs of the caller's own thread, or of its own request, are served. */
const findResult = Effect.fnUntraced(function* (log: EventLog["Service"], call_id: string, context: ToolContext) {
  const scopes = [
    { actor_id: context.actor_id, session_id: context.session_id, thread_id: context.thread_id },
    { correlation_id: context.correlation_id }
  ]
  for (const scope of scopes) {
    let before: number | undefined
    for (;;) {
      const page = yield* log
        .read({
          ...scope,
          types: ["tool.result"],
          order: "desc",
          limit: 500,
          ...(before === undefined ? {} : { before_seq: before })
        })
        .pipe(Effect.mapError((error) => new ToolFailure({ message: error.message })))
      for (const event of page) {
        if (isEvent(event, "tool.result") && event.payload.call_id === call_id) return event.payload
      }
      const last = page.at(-1)
      if (last === undefined || page.length < 500) break
      before = last.seq
    }
  }
  return yield* new ToolFailure({ message: `There is no output of a call "${call_id}" here` })
})
