/** `GET /runs/{id}/outputs/{call_id}`: the whole of an output that a tool's result shows only in part, a piece at a time. */
import { EventLog } from "@choiros/event-log"
import { isEvent, OutputQuery, type OutputReply, runSentences } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { decodeField, fail, ok, type RequestContext, type Route, route } from "../server/Route.ts"

const defaultLimit = 262_144

export const outputRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog

  const resultOf = Effect.fnUntraced(function* (run_id: string, call_id: string) {
    const results = yield* Stream.runCollect(log.stream({ run_id, types: ["tool.result"] }))
    for (const event of results) {
      if (isEvent(event, "tool.result") && event.payload.call_id === call_id) return event.payload
    }
    return yield* fail(404, runSentences.outputNotFound(call_id))
  })

  const output = Effect.fnUntraced(
    function* (context: RequestContext) {
      const { limit = defaultLimit, offset = 0 } = yield* decodeField(
        OutputQuery,
        "query",
        Object.fromEntries(context.query)
      )
      const { blob, error, output } = yield* resultOf(context.param("run_id"), context.param("call_id"))
      if (blob === undefined) {
        const whole = new TextEncoder().encode(output ?? error ?? "")
        return piece(whole.subarray(offset, offset + limit), offset, whole.byteLength)
      }
      const bytes = yield* log.blobs.read(blob.hash, { offset, limit })
      if (bytes === undefined) return yield* fail(404, "This output is no longer kept")
      return piece(bytes, offset, blob.bytes)
    },
    Effect.mapError((error) => ("status" in error ? error : fail(503, error.message)))
  )

  return [route("GET", "/runs/:run_id/outputs/:call_id", output)]
})

/** What is cut within a character is left to the piece after. */
const piece = (bytes: Uint8Array, offset: number, whole: number) => {
  const last = offset + bytes.byteLength >= whole
  const text = new TextDecoder().decode(bytes, { stream: !last })
  const end = last ? whole : offset + Buffer.byteLength(text)
  return ok({ success: true, text, bytes: whole, next_offset: end < whole ? end : null } satisfies OutputReply)
}
