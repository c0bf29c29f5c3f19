import { type Event, TimelineFold } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { stepLook, stepTime } from "./stepLook.ts"

const folded = (events: ReadonlyArray<readonly [type: string, payload: unknown]>) => {
  const fold = new TimelineFold()
  events.forEach(([event_type, payload], index) => {
    const event: Event = {
      seq: index + 1,
      event_id: `e${index}`,
      timestamp: new Date(index * 1_000).toISOString(),
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
  const step = fold.steps[0]
  if (step === undefined) throw new Error("no step")
  return step
}

const begun = ["run.step_started", { step: 1 }] as const
const over = ["run.step_ended", { step: 1, finish: "tool_calls" }] as const
const tool = (call_id: string, tool_name: string) => ["tool.call", { call_id, tool_name, tool_args: "{}" }] as const
const result = (call_id: string, success: boolean) =>
  ["tool.result", { call_id, tool_name: "x", success, output: "", duration_ms: 1 }] as const

describe("a step in a glance", () => {
  it("is named for what changes most", () => {
    const look = stepLook(folded([begun, tool("1", "read_file"), tool("2", "edit_file"), over]))
    expect([look.kind, look.tools]).toEqual(["edit", "read_file, edit_file"])
  })

  it("without tools is words, and an unknown tool is a tool", () => {
    expect(stepLook(folded([begun, over])).kind).toBe("answer")
    expect(stepLook(folded([begun, tool("1", "constructor"), over])).kind).toBe("tool")
  })

  it("waits, goes on, failed or is done", () => {
    const asked = ["approval.requested", { approval_id: "a", call_id: "1" }] as const
    expect(stepLook(folded([begun, tool("1", "bash"), asked])).outcome).toBe("waiting")
    expect(stepLook(folded([begun, tool("1", "bash")])).outcome).toBe("live")
    expect(stepLook(folded([begun, tool("1", "bash"), result("1", false), over])).outcome).toBe("failed")
    expect(stepLook(folded([begun, tool("1", "bash"), result("1", true), over])).outcome).toBe("done")
  })

  it("has a time once it is over", () => {
    expect(stepTime(folded([begun, tool("1", "bash")]))).toBeNull()
    expect(stepTime(folded([begun, tool("1", "bash"), over]))).toBe(2_000)
  })
})
