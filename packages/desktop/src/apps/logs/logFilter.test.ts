import type { Event } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import {
  families,
  filterFromProps,
  holdsText,
  matches,
  noFilter,
  paramsOf,
  partsOf,
  readPatterns
} from "./logFilter.ts"

const event: Event = {
  seq: 7,
  event_id: "e7",
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type: "worker.task.started",
  version: 1,
  actor_id: "me",
  user_id: "me",
  session_id: "s1",
  thread_id: "t1",
  run_id: "r1",
  correlation_id: "c1",
  causation_id: null,
  payload: { command: "npm Test" }
}

describe("logFilter", () => {
  it("knows the families of the catalog, each once", () => {
    expect(families).toContain("supervisor")
    expect(new Set(families).size).toBe(families.length)
  })

  it("reads patterns, and names the first that is none", () => {
    expect(readPatterns(" tool.*, worker.>  run.ended ")).toEqual({
      patterns: ["tool.*", "worker.>", "run.ended"],
      wrong: null
    })
    expect(readPatterns("tool.* >.x")).toEqual({ patterns: ["tool.*"], wrong: ">.x" })
  })

  it("asks the computer for what it lets through itself", () => {
    const filter = {
      ...noFilter,
      families: ["worker"],
      patterns: ["tool.*"],
      run_id: "r1",
      thread: { actor_id: "me", session_id: "s1", thread_id: "t1" },
      correlation_id: "c1"
    }
    expect(paramsOf(filter).toString()).toBe(
      "type=worker.%3E&type=tool.*&run_id=r1&actor_id=me&session_id=s1&thread_id=t1&correlation_id=c1"
    )
    const fits = matches(filter)
    expect(fits(event)).toBe(true)
    expect(fits({ ...event, event_type: "chat.user_msg" })).toBe(false)
    expect(fits({ ...event, run_id: "r2" })).toBe(false)
    expect(fits({ ...event, thread_id: "t2" })).toBe(false)
    expect(fits({ ...event, actor_id: "other" })).toBe(false)
    expect(fits({ ...event, correlation_id: null })).toBe(false)
    expect(partsOf(filter)).toBe(5)
  })

  it("without any part lets all through", () => {
    expect(paramsOf(noFilter).size).toBe(0)
    expect(matches(noFilter)(event)).toBe(true)
    expect(partsOf({ ...noFilter, actor_id: "  " })).toBe(0)
  })

  it("finds a text in payload and type, whatever the case", () => {
    expect(holdsText("NPM test")(event)).toBe(true)
    expect(holdsText("task.start")(event)).toBe(true)
    expect(holdsText("yarn")(event)).toBe(false)
    expect(holdsText(" ")(event)).toBe(true)
  })

  it("takes what a window was opened for, and nothing that is no filter", () => {
    expect(filterFromProps({ run_id: "r1", type: "tool.*" })).toEqual({
      ...noFilter,
      run_id: "r1",
      patterns: ["tool.*"]
    })
    expect(filterFromProps({ run_id: 4, type: "not a pattern!" })).toEqual({ ...noFilter, patterns: ["not", "a"] })
  })
})
