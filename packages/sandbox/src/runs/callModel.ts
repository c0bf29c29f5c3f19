/**
 * One call to a model: its parts become deltas at once, checkpoints within a second, and one outcome.
 *
 * Law: a kill loses at most a second of text, an interruption none: what was said stays with who asked. A call has exactly
 * one outcome, also when it fails in mid-sentence.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { FinishReason, Model, ModelError, ModelRequest, ModelToolCall, ModelUsage } from "../models/Model.ts"

/** Text that is new since the last checkpoint. `offset` counts UTF-16 code units of its kind in this call. */
export interface TextPiece {
  readonly kind: "text" | "reasoning"
  readonly offset: number
  readonly text: string
}

export interface CallOutcome {
  readonly finishReason: FinishReason | "error"
  readonly usage: ModelUsage
  readonly toolCalls: ReadonlyArray<ModelToolCall & { readonly invalid?: string }>
  readonly durationMs: number
  readonly error: ModelError | null
}

export interface CallListener {
  /** A piece as it arrives, and all text of its kind up to it; not stored. */
  readonly onDelta: (piece: TextPiece, whole: string) => void
  /** What was said waits to be stored. */
  readonly onCheckpoint: Effect.Effect<void>
}

/** Text that grows, and is taken in pieces. */
class Growing {
  readonly #kind: TextPiece["kind"]
  whole = ""
  #taken = 0

  constructor(kind: TextPiece["kind"]) {
    this.#kind = kind
  }

  add(text: string): TextPiece {
    const offset = this.whole.length
    this.whole += text
    return { kind: this.#kind, offset, text }
  }

  /** What came since the last time. */
  take(): TextPiece | null {
    const offset = this.#taken
    if (offset === this.whole.length) return null
    this.#taken = this.whole.length
    return { kind: this.#kind, offset, text: this.whole.slice(offset) }
  }
}

/** What a model has said in a call. */
export class Said {
  readonly text = new Growing("text")
  readonly reasoning = new Growing("reasoning")

  /** What came since the last time. */
  take(): ReadonlyArray<TextPiece> {
    return [this.reasoning.take(), this.text.take()].filter((piece) => piece !== null)
  }
}

/** Longest time that text waits for its checkpoint. */
const checkpointEvery = "800 millis"

/** Adds to `said` as it goes, and takes nothing of it. */
export const callModel = Effect.fnUntraced(function* (
  model: Model,
  request: ModelRequest,
  said: Said,
  listener: CallListener
) {
  const startedAt = yield* Clock.currentTimeMillis
  const toolCalls: Array<ModelToolCall & { readonly invalid?: string }> = []
  let end: { readonly finishReason: FinishReason; readonly usage: ModelUsage } | undefined
  let waiting = false

  const flush = Effect.suspend(() => {
    waiting = false
    return listener.onCheckpoint
  })

  const streamed = model.stream(request).pipe(
    Stream.runForEach((part) => {
      switch (part._tag) {
        case "ToolCall": {
          toolCalls.push(part)
          return Effect.void
        }
        case "End": {
          end = part
          return Effect.void
        }
        default: {
          const growing = part._tag === "Text" ? said.text : said.reasoning
          listener.onDelta(growing.add(part.text), growing.whole)
          if (waiting) return Effect.void
          waiting = true
          return Effect.forkChild(Effect.andThen(Effect.sleep(checkpointEvery), flush))
        }
      }
    }),
    Effect.as(null),
    Effect.catch((error) => Effect.succeed(error))
  )
  const error = yield* Effect.scoped(streamed)
  const outcome: CallOutcome = {
    finishReason: error === null ? (end?.finishReason ?? "other") : "error",
    usage: end?.usage ?? { inputTokens: null, outputTokens: null },
    toolCalls: error === null ? toolCalls : [],
    durationMs: (yield* Clock.currentTimeMillis) - startedAt,
    error
  }
  return outcome
})
