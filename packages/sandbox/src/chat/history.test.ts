import { EventLog } from "@choiros/event-log"
import { catalog, type Event, type NewEvent } from "@choiros/protocol"
import { expect, it, layer } from "@effect/vitest"
import { Effect } from "effect"
import { describe } from "vitest"
import { threadHistory, toMessages } from "./history.ts"

const thread = { actor_id: "amy", session_id: "s", thread_id: "t" }
const said = (text: string, run_id = "r1"): NewEvent => ({
  ...thread,
  run_id,
  event_type: "chat.user_msg",
  payload: { message_id: text, text, client_message_id: null, mode: "steer" }
})
const answered = (text: string, run_id = "r1"): NewEvent => ({
  ...thread,
  run_id,
  event_type: "chat.assistant_msg",
  payload: { message_id: text, text, model_used: "demo", reply_to: [], confidence: null }
})
const scope = { session_id: "s", thread_id: "t" }
const called = (call_id: string): NewEvent => ({
  ...thread,
  run_id: "r1",
  event_type: "tool.call",
  payload: { call_id, step: 1, tool_name: "bash", tool_args: "{}", reasoning: null, scope }
})
const gave = (call_id: string, output: string): NewEvent => ({
  ...thread,
  run_id: "r1",
  event_type: "tool.result",
  payload: { call_id, tool_name: "bash", success: true, output, truncated: false, duration_ms: 1, scope }
})

const stored = (events: ReadonlyArray<NewEvent>): ReadonlyArray<Event> =>
  events.map((event, index) => ({
    user_id: null,
    correlation_id: null,
    causation_id: null,
    ...thread,
    run_id: event.run_id ?? null,
    event_type: event.event_type,
    payload: event.payload,
    seq: index + 1,
    event_id: String(index),
    timestamp: "2026-01-01T00:00:00.000Z",
    version: 1
  }))

describe("a thread as messages", () => {
  it("puts calls of one step into one message, each beside its result", () => {
    const events = stored([said("do"), called("a"), called("b"), gave("a", "1"), gave("b", "2"), answered("done")])
    expect(toMessages(events).map((message) => message.role)).toEqual([
      "user",
      "assistant",
      "tool",
      "tool",
      "assistant"
    ])
    expect(toMessages(events)[1]).toMatchObject({ toolCalls: [{ callId: "a" }, { callId: "b" }] })
  })

  it("begins with the user, and leaves out calls without a result and results without a call", () => {
    const events = stored([gave("lost", "x"), answered("old"), said("do"), called("a"), answered("done")])
    expect(toMessages(events).map((message) => message.role)).toEqual(["user", "assistant"])
  })

  it("shows a message that waited where its run began, and one that no run has not at all", () => {
    const waited: NewEvent = { ...said("later", ""), run_id: null }
    const lost: NewEvent = { ...said("never", ""), run_id: null }
    const begun: NewEvent = {
      ...thread,
      run_id: "r2",
      event_type: "run.started",
      payload: {
        objective: "later",
        agent: "chat",
        model: "demo",
        trigger: { kind: "message", message_id: "later" },
        parent_run_id: null
      }
    }
    const messages = toMessages(stored([said("now"), waited, lost, answered("one"), begun, answered("two", "r2")]))
    expect(messages.map((message) => ("text" in message ? message.text : ""))).toEqual(["now", "one", "later", "two"])
  })

  it("cuts long results of earlier turns", () => {
    const [, , result] = toMessages(stored([said("do"), called("a"), gave("a", "x".repeat(10_000))]))
    expect(result).toMatchObject({ role: "tool", output: expect.stringMatching(/^x{2000}…$/) })
  })
})

layer(EventLog.layerMemory({ catalog, forkWriter: true }))("history from the log", (it) => {
  it.effect("is the newest that fits, without the run's own events", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const turns = Array.from({ length: 300 }, (_, index) => [said(`question ${index}`), answered(`answer ${index}`)])
      yield* log.append(turns.flat())
      yield* log.append([said("now", "r2")])
      const all = yield* threadHistory(log, { ...thread, run_id: "r2" }, 1_000_000)
      expect(all).toHaveLength(600)
      const some = yield* threadHistory(log, { ...thread, run_id: "r2" }, 100)
      expect(some.length).toBeGreaterThan(2)
      expect(some.length).toBeLessThan(12)
      expect(some[0]?.role).toBe("user")
      expect(some.at(-1)).toMatchObject({ role: "assistant", text: "answer 299" })
    })
  )
})
