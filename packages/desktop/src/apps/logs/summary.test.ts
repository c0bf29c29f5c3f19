import type { Event } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { isFailure, summaryOf } from "./summary.ts"

const eventOf = (event_type: string, payload: unknown, version = 1): Event => ({
  seq: 1,
  event_id: "e1",
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type,
  version,
  actor_id: "me",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload
})

describe("summaryOf", () => {
  it("says what happened in one line", () => {
    expect(
      summaryOf(
        eventOf("run.ended", {
          outcome: "done_with_warnings",
          error: null,
          answered: [],
          steps: 4,
          duration_ms: 12_400
        })
      )
    ).toBe("done with warnings · 4 steps · 12 s")
    const crash = eventOf("supervisor.child_crashed", {
      path: "/session/runs/a",
      kind: "run",
      cause: "boom",
      restarts: 2
    })
    expect(summaryOf(crash)).toBe("/session/runs/a · boom · restart 2")
    expect(isFailure(crash)).toBe(true)
  })

  it("shows an unknown type, a newer version and an erased payload as the data they are", () => {
    expect(summaryOf(eventOf("paint.mixed", { colour: "red", parts: [1, 2], none: null }))).toBe(
      "colour: red · parts: [1,2]"
    )
    expect(summaryOf(eventOf("run.step_started", { step: 2, more: true }, 99))).toBe("step: 2 · more: true")
    expect(summaryOf(eventOf("chat.user_msg", { erased: true }))).toBe("erased")
    expect(summaryOf(eventOf("paint.mixed", null))).toBe("null")
    expect(summaryOf(eventOf("constructor", "x"))).toBe('"x"')
  })

  it("is one short line, whatever the payload holds", () => {
    const said = summaryOf(
      eventOf("chat.user_msg", {
        message_id: "m",
        text: `a\u202Eb\nc${"x".repeat(100_000)}`,
        client_message_id: null,
        mode: "steer"
      })
    )
    expect(said.length).toBeLessThanOrEqual(240)
    expect(said.startsWith("ab cx")).toBe(true)
  })
})
