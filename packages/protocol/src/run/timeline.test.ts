import { expect, it } from "@effect/vitest"
import {
  answer,
  ask,
  begin,
  beginning,
  beginTool,
  decided,
  end,
  endTool,
  fail,
  given,
  handOut,
  pause,
  request,
  resume,
  start,
  steer,
  stored,
  taskOver
} from "../../test/runFixtures.ts"
import type { Event } from "../Event.ts"
import { foldTimeline, TimelineFold } from "./timeline.ts"

it("has a step for a step, with its calls, tools, decisions and what else happened in it", () => {
  const { events } = given(
    start(),
    begin("c1"),
    fail("c1"),
    begin("c2"),
    end("c2", ["t1"]),
    request("t1"),
    decided("t1", "once"),
    beginTool("t1"),
    endTool("t1"),
    steer("m2"),
    pause,
    resume(),
    begin("c3"),
    end("c3")
  )
  const steps = foldTimeline(events)
  expect(steps.map(({ finish, step }) => [step, finish])).toEqual([
    [0, null],
    [1, "tool_calls"],
    [2, "stop"]
  ])
  const [before, first, second] = steps
  expect(before?.notes.map(({ type }) => type)).toEqual(["run.started"])
  expect(first?.messages).toMatchObject([{ message_id: "m1", from: "user" }])
  expect(
    first?.calls.map(({ call_id, error, finish_reason }) => [call_id, finish_reason, error?.kind ?? null])
  ).toEqual([
    ["c1", "error", "server"],
    ["c2", "tool_calls", null]
  ])
  expect(first?.tools).toMatchObject([
    { approval: { approval_id: "a-t1" }, decided: { decision: "once" }, result: { output: "text" } }
  ])
  expect(first?.notes.map(({ type }) => type)).toEqual(["run.steered", "run.paused", "run.resumed"])
  expect(second?.messages).toMatchObject([{ message_id: "m2" }])
  expect(second?.calls).toMatchObject([{ text: "done", input_tokens: 1 }])
})

it("shows of a call that was asked for again the request that waits", () => {
  const { events } = given(
    start(),
    begin("c1"),
    end("c1", ["t1"]),
    request("t1"),
    decided("t1", "once"),
    request("t1", "again")
  )
  expect(foldTimeline(events)[1]?.tools).toMatchObject([{ approval: { approval_id: "again" }, decided: null }])
})

it("holds what the model thought, what a person answered, and the arguments that a call was made with", () => {
  const { events } = given(
    start(),
    begin("c1"),
    { _tag: "Checkpoint", text: { call_id: "c1", message_id: "c1", offset: 0, text: "Hm", kind: "reasoning" } },
    end("c1", ["t1", "t2"]),
    ask("t1"),
    answer("t1"),
    { _tag: "BeginTool", started: { call_id: "t2", tool_name: "bash", effect: "other", tool_args: "{}" } }
  )
  const [, first] = foldTimeline(events)
  expect(first?.calls).toMatchObject([{ reasoning: "Hm", text: "done" }])
  expect(first?.tools).toMatchObject([
    { question: { text: "Which?" }, answered: { answer: "That one" }, started: null },
    { started: { tool_args: "{}" }, work: [], task_id: null }
  ])
})

it("has what a call set going with the call, whenever it ends, and a part of the plan among the notes", () => {
  const command = {
    task_id: "w1",
    correlation_id: "run",
    kind: "terminal_command" as const,
    command: "npm test",
    call_id: "t1",
    started_at: beginning,
    attempt: 1
  }
  const { events } = given(
    start(),
    begin("c1"),
    end("c1", ["t1", "t2"]),
    beginTool("t1"),
    handOut("k1", { call_id: "t2" }),
    handOut("k2", { part_id: "a" }),
    endTool("t1"),
    begin("c2"),
    (state) => taskOver(state, "k1"),
    (state) => taskOver(state, "k2")
  )
  const pausedNow = { event_type: "run.paused" as const, payload: { reason: "", by: "" } }
  const at = events.findIndex((event) => event.event_type === "tool.started") + 1
  const seq = events[at - 1]?.seq ?? 0
  const fold = new TimelineFold()
  const told = [
    { event_type: "worker.task.started", payload: { ...command, status: "running" } },
    { event_type: "worker.task.progress", payload: { ...command, status: "running", message: "12 %", output_bytes: 9 } }
  ].map((change, index): Event => ({ ...stored(pausedNow), ...change, seq: seq + (index + 1) / 10 }))
  for (const event of [...events.slice(0, at), ...told]) fold.push(event)
  expect(fold.steps[1]?.tools[0]?.work).toMatchObject([{ command: "npm test", output: "12 %", output_bytes: 9 }])
  for (const event of events.slice(at)) fold.push(event)
  expect(fold.steps[1]?.tools).toMatchObject([
    { task_id: null, work: [{ task_id: "w1", status: "running" }] },
    { task_id: "k1", work: [{ agent: "research", status: "completed", output: "found by k1" }] }
  ])
  const notes = fold.steps.flatMap((step) => step.notes.map(({ type }) => type))
  expect(notes.filter((type) => type.startsWith("worker."))).toEqual(["worker.task.started", "worker.task.completed"])
})

it("keeps what a later version did among the notes", () => {
  const { events } = given(start(), begin("c1"))
  const last = events.at(-1)
  if (last === undefined) throw new Error("Nothing happened")
  const unknown: Event = { ...last, seq: last.seq + 1, event_type: "weather.changed", payload: { sky: "thunder" } }
  expect(foldTimeline([...events, unknown]).at(-1)?.notes).toMatchObject([
    { type: "weather.changed", payload: { sky: "thunder" } }
  ])
})

it("changes only the step that an event is about, and says when something has changed", () => {
  const { events } = given(
    start(),
    begin("c1"),
    end("c1", ["t1"]),
    handOut("k1", { call_id: "t1" }),
    begin("c2"),
    steer("m2"),
    end("c2", ["t2"]),
    endTool("t2"),
    (state) => taskOver(state, "k1")
  )
  const fold = new TimelineFold()
  for (const event of events) {
    const { steps, version } = fold
    fold.push(event)
    const changed = steps.filter((step, index) => fold.steps[index] !== step)
    expect(changed.length).toBeLessThanOrEqual(1)
    expect(fold.steps === steps).toBe(fold.version === version)
    fold.push(event)
    expect(fold.version - version).toBeLessThanOrEqual(1)
  }
  expect(fold.steps).toEqual(foldTimeline(events))
})
