import { type Event, TimelineFold } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { ticksOf } from "./laneScale.ts"
import { segmentsOf, segmentsOfStep, timeSpent } from "./segments.ts"

const begin = Date.parse("2026-05-04T12:00:00.000Z")

/** Events of one run, each at a second after its beginning. */
const folded = (events: ReadonlyArray<readonly [second: number, type: string, payload: unknown]>) => {
  const fold = new TimelineFold()
  events.forEach(([second, event_type, payload], index) => {
    const event: Event = {
      seq: index + 1,
      event_id: `e${index}`,
      timestamp: new Date(begin + second * 1_000).toISOString(),
      event_type,
      version: 1,
      payload,
      actor_id: "me",
      user_id: "me",
      session_id: null,
      thread_id: null,
      correlation_id: null,
      causation_id: null,
      run_id: "run"
    }
    fold.push(event)
  })
  return fold.steps
}

const call = { call_id: "m1", model: "demo", provider: "demo", attempt: 1, purpose: "step", messages: [], tools: [] }
const ended = {
  call_id: "m1",
  text: "",
  finish_reason: "tool_calls",
  input_tokens: 1,
  output_tokens: 1,
  cached_tokens: null,
  cost: null,
  duration_ms: 2_000,
  error: null
}
const asked = { call_id: "t1", tool_name: "bash", tool_args: "{}" }
const approval = { approval_id: "a1", call_id: "t1" }
const result = { call_id: "t1", tool_name: "bash", success: true, output: "", duration_ms: 3_000 }

const at = (second: number) => begin + second * 1_000

const steps = folded([
  [0, "run.step_started", { step: 1 }],
  [0, "model.call_started", call],
  [2, "model.call_ended", ended],
  [2, "tool.call", asked],
  [2, "approval.requested", approval],
  [7, "tool.started", asked],
  [10, "tool.result", result],
  [10, "run.step_ended", { step: 1, finish: "tool_calls" }],
  [12, "run.paused", { reason: "by you" }],
  [15, "run.resumed", {}]
])

describe("segments", () => {
  it("tells the model, the wait for a person, the tool and the pause apart", () => {
    expect(segmentsOf(steps).map(({ from, kind, to }) => [kind, from, to])).toEqual([
      ["model", at(0), at(2)],
      ["person", at(2), at(7)],
      ["tool", at(7), at(10)],
      ["paused", at(12), at(15)]
    ])
  })

  it("are made once for a step that stays the same", () => {
    const [first, second] = [steps, steps].map(([step]) => (step === undefined ? null : segmentsOfStep(step)))
    expect(first).not.toBeNull()
    expect(second).toBe(first)
  })

  it("count each moment once, and what is left as between steps", () => {
    const spent = timeSpent(segmentsOf(steps), at(0), at(20))
    expect(spent).toEqual({ model: 2_000, person: 5_000, tool: 3_000, failed: 0, paused: 3_000, agent: 0, idle: 7_000 })
  })

  it("give a moment that two share to what matters more", () => {
    const both = [
      { kind: "agent", from: 0, to: null, step: 1, label: "chat" },
      { kind: "tool", from: 2, to: 4, step: 1, label: "bash" },
      { kind: "person", from: 3, to: 6, step: 1, label: "bash" }
    ] as const
    expect(timeSpent(both, 0, 10)).toEqual({ model: 0, person: 3, tool: 1, failed: 0, paused: 0, agent: 6, idle: 0 })
  })

  it("leave open what goes on", () => {
    const open = folded([
      [0, "run.step_started", { step: 1 }],
      [1, "model.call_started", call]
    ])
    expect(segmentsOf(open).map(({ to }) => to)).toEqual([null])
  })
})

describe("the axis", () => {
  it("marks full moments, as far apart as their words need", () => {
    const ticks = ticksOf(begin + 1, begin + 600_000, 1_000, 76)
    expect(ticks.every((tick) => tick % 60_000 === 0)).toBe(true)
    expect(ticks).toHaveLength(10)
    expect(ticksOf(begin, begin, 1_000, 76)).toEqual([])
  })
})
