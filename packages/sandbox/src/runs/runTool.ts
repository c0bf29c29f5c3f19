/**
 * One tool call, from its JSON to its result: parsed, prepared, announced (`tool.started`), acted, cut to an excerpt.
 *
 * Law: nothing acts before its `tool.started` is committed; whatever happens, there is one result.
 */

import type { EventLog } from "@choiros/event-log"
import type { EventPayloads } from "@choiros/protocol"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { type Tool, type ToolContext, ToolFailure, type ToolOutcome } from "../tools/Tool.ts"

type Asked = EventPayloads["tool.call"]
type Started = EventPayloads["tool.started"]
type Result = EventPayloads["tool.result"]

/** What the model and the screen get of a long output, in characters: its beginning and its end. */
const excerptHead = 10_000
const excerptTail = 6_000

export interface ToolRunner {
  readonly tools: ReadonlyMap<string, Tool>
  readonly blobs: EventLog["Service"]["blobs"]
  /** SHA-256 of a file as it is now, in hex; null when it is not there. */
  readonly hashOf: (path: string) => Effect.Effect<string | null, ToolFailure>
  /** Commits `tool.started`; false when the run no longer wants the call. */
  readonly announce: (started: Started) => Effect.Effect<boolean>
}

/** Runs a call that has not been started. Null when the run no longer wants it. */
export const runTool = Effect.fnUntraced(function* (runner: ToolRunner, asked: Asked, context: ToolContext) {
  const begun = yield* Clock.currentTimeMillis
  const tool = runner.tools.get(asked.tool_name)
  const acted = Effect.gen(function* () {
    if (tool === undefined) {
      const known = [...runner.tools.keys()].join(", ")
      return yield* new ToolFailure({ message: `There is no tool "${asked.tool_name}". Available: ${known}` })
    }
    const args = yield* parseArguments(asked)
    const prepared = yield* tool.prepare(args, context)
    const wanted = yield* runner.announce({
      call_id: asked.call_id,
      tool_name: asked.tool_name,
      effect: tool.effect,
      ...(prepared.intent ?? {})
    })
    return wanted ? yield* prepared.act : null
  })
  const outcome = yield* acted.pipe(
    Effect.catch((failure) => Effect.succeed<ToolOutcome>({ success: false, text: failure.message })),
    Effect.catchDefect((defect) =>
      Effect.logError(`The tool ${asked.tool_name} crashed`, Cause.die(defect)).pipe(
        Effect.as<ToolOutcome>({
          success: false,
          text: `The tool ${asked.tool_name} crashed; the server's log has the details`
        })
      )
    )
  )
  if (outcome === null) return null
  return yield* toResult(runner.blobs, asked, outcome, (yield* Clock.currentTimeMillis) - begun)
})

/** The result as an event: an excerpt and a blob where the output is long. */
export const toResult = Effect.fnUntraced(function* (
  blobs: EventLog["Service"]["blobs"],
  asked: Asked,
  outcome: ToolOutcome,
  durationMs: number
) {
  const cut = outcome.text.length > excerptHead + excerptTail
  const stored = outcome.blob ?? (cut ? yield* keep(blobs, outcome.text) : undefined)
  const text = cut ? excerptOf(outcome.text, asked.call_id) : outcome.text
  const result: Result = {
    call_id: asked.call_id,
    tool_name: asked.tool_name,
    success: outcome.success,
    ...(outcome.success ? { output: text } : { error: text }),
    ...(stored === undefined ? {} : { blob: { hash: stored.hash, bytes: stored.bytes } }),
    truncated: cut || outcome.blob !== undefined,
    duration_ms: durationMs,
    outcome: outcome.success ? "ok" : "failed",
    scope: asked.scope
  }
  return result
})

/** A full disk costs the rest of an output, not the run. */
const keep = (blobs: EventLog["Service"]["blobs"], text: string) =>
  blobs
    .put(new TextEncoder().encode(text))
    .pipe(Effect.catch((error) => Effect.as(Effect.logWarning("A long output could not be kept", error), undefined)))

/** A long output's beginning and end, and the way to the rest. */
const excerptOf = (text: string, callId: string): string => {
  const left = text.length - excerptHead - excerptTail
  const notice = `\n\n[… ${left} characters left out; read_output with call_id "${callId}" has the whole …]\n\n`
  return text.slice(0, excerptHead) + notice + text.slice(-excerptTail)
}

const parseArguments = (asked: Asked): Effect.Effect<unknown, ToolFailure> =>
  Effect.try({
    try: (): unknown => (asked.tool_args.trim() === "" ? {} : JSON.parse(asked.tool_args)),
    catch: (error) =>
      new ToolFailure({
        message: `The arguments of ${asked.tool_name} are not valid JSON (${error instanceof Error ? error.message : "unreadable"}). Call it again with a JSON object.`
      })
  })
