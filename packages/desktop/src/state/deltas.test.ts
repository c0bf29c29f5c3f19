import type { Event } from "@choiros/protocol"
import { beforeEach, describe, expect, it } from "@effect/vitest"
import { currentDeltas, forgetAllDeltas, forgetDeltas, keepDelta } from "./deltas.ts"

const delta = (offset: number, text: string, message_id = "call") => ({ message_id, kind: "text", offset, text })

const ended = (call_id: string): Event => ({
  seq: 1,
  event_id: "event",
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type: "model.call_ended",
  version: 1,
  actor_id: "me",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: "run",
  correlation_id: null,
  causation_id: null,
  payload: { call_id }
})

beforeEach(forgetAllDeltas)

describe("what models say now", () => {
  it("is kept from its first word, and grows by what follows on it", () => {
    keepDelta(delta(0, "Hello"))
    keepDelta(delta(5, ", you"))
    expect(currentDeltas()).toEqual([delta(0, "Hello, you")])
  })

  it("what came before the page did, comes whole; what leaves a hole is not kept", () => {
    keepDelta(delta(10, "lost"))
    expect(currentDeltas()).toEqual([])
    keepDelta(delta(0, "All of it so far"))
    keepDelta(delta(40, "a hole before it"))
    expect(currentDeltas()).toEqual([delta(0, "All of it so far")])
  })

  it("goes with the end of its call alone", () => {
    keepDelta(delta(0, "one", "a"))
    keepDelta(delta(0, "two", "b"))
    forgetDeltas([ended("a")])
    expect(currentDeltas()).toEqual([delta(0, "two", "b")])
  })

  it("what is no delta is nothing", () => {
    keepDelta({ message_id: 1 })
    keepDelta(null)
    expect(currentDeltas()).toEqual([])
  })
})
