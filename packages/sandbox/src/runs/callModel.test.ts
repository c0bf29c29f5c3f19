import { expect, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { describe } from "vitest"
import { type Model, ModelError, type ModelPart } from "../models/Model.ts"
import { callModel, Said, type TextPiece } from "./callModel.ts"

const request = { system: "", messages: [], tools: [] }
const end: ModelPart = { _tag: "End", finishReason: "stop", usage: { inputTokens: 1, outputTokens: 2 } }
const text = (words: string): ModelPart => ({ _tag: "Text", text: words })

const listen = () => {
  const deltas: Array<TextPiece & { readonly whole: string }> = []
  const stored: Array<TextPiece> = []
  const said = new Said()
  return {
    deltas,
    stored,
    said,
    listener: {
      onDelta: (piece: TextPiece, whole: string) => void deltas.push({ ...piece, whole }),
      onCheckpoint: Effect.sync(() => void stored.push(...said.take()))
    }
  }
}

const speaking = (stream: Stream.Stream<ModelPart, ModelError>): Model => ({ id: "test", stream: () => stream })

describe("a call to a model", () => {
  it.effect("gives a fast answer in one piece, and stores nothing on the way", () =>
    Effect.gen(function* () {
      const { deltas, listener, said, stored } = listen()
      const outcome = yield* callModel(speaking(Stream.make(text("one "), text("two"), end)), request, said, listener)
      expect(outcome).toMatchObject({ error: null, finishReason: "stop", usage: { outputTokens: 2 } })
      expect(said.text.whole).toBe("one two")
      expect(deltas.map(({ offset, whole }) => [offset, whole])).toEqual([
        [0, "one "],
        [4, "one two"]
      ])
      expect(stored).toEqual([])
    })
  )

  it.effect("stores what was said within a second, also when nothing follows", () =>
    Effect.gen(function* () {
      const { listener, said, stored } = listen()
      const hanging = Stream.concat(Stream.make(text("before the silence")), Stream.never)
      const call = yield* Effect.forkChild(callModel(speaking(hanging), request, said, listener))
      yield* TestClock.adjust("1 second")
      expect(stored).toEqual([{ kind: "text", offset: 0, text: "before the silence" }])
      yield* Fiber.interrupt(call)
    })
  )

  it.effect("leaves what was said with who asked when it is interrupted", () =>
    Effect.gen(function* () {
      const { listener, said, stored } = listen()
      const hanging = Stream.concat(Stream.make(text("cut in mid-sen")), Stream.never)
      const call = yield* Effect.forkChild(callModel(speaking(hanging), request, said, listener))
      yield* TestClock.adjust("100 millis")
      yield* Fiber.interrupt(call)
      expect(stored).toEqual([])
      expect(said.take()).toEqual([{ kind: "text", offset: 0, text: "cut in mid-sen" }])
    })
  )

  it.effect("stores each piece once, in as many events as there are seconds and not as there are chunks", () =>
    Effect.gen(function* () {
      const { listener, said, stored } = listen()
      const chunks = Array.from({ length: 1000 }, (_, index) => text(`${index} `))
      const slow = Stream.fromIterable(chunks).pipe(
        Stream.mapEffect((chunk) => Effect.as(Effect.sleep("5 millis"), chunk)),
        Stream.concat(Stream.make(end))
      )
      const call = yield* Effect.forkChild(callModel(speaking(slow), request, said, listener))
      yield* TestClock.adjust("10 seconds")
      yield* Fiber.join(call)
      const whole = chunks.map((chunk) => (chunk._tag === "Text" ? chunk.text : "")).join("")
      expect([...stored, ...said.take()].map((piece) => piece.text).join("")).toBe(whole)
      expect(stored.length).toBeLessThanOrEqual(7)
      expect(stored.map((piece) => piece.offset)).toEqual(
        stored.map((_, index) => stored.slice(0, index).reduce((sum, piece) => sum + piece.text.length, 0))
      )
    })
  )

  it.effect("keeps reasoning apart, and before what was said", () =>
    Effect.gen(function* () {
      const { listener, said } = listen()
      const stream = Stream.make<ReadonlyArray<ModelPart>>({ _tag: "Reasoning", text: "hm" }, text("so"), end)
      yield* callModel(speaking(stream), request, said, listener)
      expect(said.take()).toEqual([
        { kind: "reasoning", offset: 0, text: "hm" },
        { kind: "text", offset: 0, text: "so" }
      ])
    })
  )

  it.effect("keeps what was said before a failure, and drops the tool calls of a broken answer", () =>
    Effect.gen(function* () {
      const { listener, said } = listen()
      const broken = new ModelError({ kind: "network", message: "cut", retryable: true })
      const stream = Stream.concat(
        Stream.make<ReadonlyArray<ModelPart>>(text("half"), {
          _tag: "ToolCall",
          callId: "x",
          name: "bash",
          args: "{}"
        }),
        Stream.fail(broken)
      )
      const outcome = yield* callModel(speaking(stream), request, said, listener)
      expect(outcome).toMatchObject({ toolCalls: [], finishReason: "error", error: { kind: "network" } })
      expect(said.text.whole).toBe("half")
    })
  )
})
