import { expect, it } from "@effect/vitest"
import { describe } from "vitest"
import type { Event } from "../Event.ts"
import { catalog, type EventPayloads } from "../events.ts"
import { evolveWaiting, findApproval, initialWaiting, waitingFromSnapshot, waitingToSnapshot } from "./Waiting.ts"

let seq = 0
const event = <Type extends keyof EventPayloads>(
  run_id: string,
  event_type: Type,
  payload: EventPayloads[Type],
  thread = run_id
): Event => ({
  seq: ++seq,
  event_id: String(seq),
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type,
  version: catalog.get(event_type)?.version ?? 1,
  actor_id: "amy",
  user_id: "me",
  session_id: "s",
  thread_id: thread,
  run_id,
  correlation_id: null,
  causation_id: null,
  payload
})

const started = (run_id: string, parent_run_id: string | null = null) =>
  event(run_id, "run.started", {
    objective: "o",
    agent: "code",
    model: "demo",
    trigger: { kind: "task", task_id: run_id },
    parent_run_id
  })
const ended = (run_id: string) =>
  event(run_id, "run.ended", { outcome: "done", error: null, answered: [], steps: 1, duration_ms: 1 })
const requested = (run_id: string, approval_id: string, tool_args = "{}") =>
  event(run_id, "approval.requested", {
    approval_id,
    call_id: `call-${approval_id}`,
    agent: "code",
    tool_name: "bash",
    tool_args,
    request_hash: "h",
    intent: "Delete build/",
    effect: "rm -rf build",
    dangerous: ["rm -rf"],
    tiers: ["destructive"],
    pattern: null,
    rule: "balanced",
    reason: null
  })
const decided = (run_id: string, approval_id: string, decision: "once" | "deny" = "once") =>
  event(run_id, "approval.decided", {
    approval_id,
    call_id: `call-${approval_id}`,
    decision,
    request_hash: "h",
    pattern: null,
    tool_args: null,
    note: null,
    by: "user"
  })
const asked = (run_id: string, question_id: string) =>
  event(run_id, "question.asked", { question_id, call_id: null, agent: "code", text: "Which?", choices: [] })
const answered = (run_id: string, question_id: string) =>
  event(run_id, "question.answered", { question_id, call_id: null, answer: "this", by: "user" })

const fold = (...events: ReadonlyArray<Event>) => events.reduce(evolveWaiting, initialWaiting)

describe("what waits", () => {
  it("names the run at the top and its thread, however deep the one who asks is", () => {
    const state = fold(started("top"), started("middle", "top"), started("deep", "middle"), requested("deep", "a"))
    expect(state.approvals.get("a")).toMatchObject({
      run_id: "deep",
      root_run_id: "top",
      thread: { thread_id: "deep" },
      root_thread: { thread_id: "top" },
      agent: "code",
      since: "2026-01-01T00:00:00.000Z",
      decided: null
    })
  })

  it("still knows the top when the run between has ended", () => {
    const state = fold(started("top"), started("deep", "top"), ended("top"), asked("deep", "q"))
    expect(state.questions.get("q")).toMatchObject({ root_run_id: "top", root_thread: { thread_id: "top" } })
  })

  it("goes when it is decided or answered, and the first decision stays", () => {
    const state = fold(
      started("r"),
      requested("r", "a"),
      asked("r", "q"),
      decided("r", "a", "deny"),
      decided("r", "a", "once"),
      answered("r", "q")
    )
    expect([state.approvals.size, state.questions.size]).toEqual([0, 0])
    expect(findApproval(state, "a")?.decided).toMatchObject({ decision: "deny", by: "user" })
  })

  it("is withdrawn when its own run ends, and no other", () => {
    const state = fold(
      started("r"),
      started("other"),
      requested("r", "a"),
      requested("other", "b"),
      asked("r", "q"),
      ended("r")
    )
    expect([...state.approvals.keys()]).toEqual(["b"])
    expect(state.questions.size).toBe(0)
    expect(findApproval(state, "a")?.decided?.decision).toBe("withdrawn")
  })

  it("is told once, also of a snapshot that knew of its decision", () => {
    const known = fold(started("r"), requested("r", "a"), decided("r", "a"))
    const again = [requested("r", "a"), decided("r", "a")].reduce(evolveWaiting, known)
    expect([...again.approvals.keys()]).toEqual([])
    expect(again.decided.map(({ approval_id }) => approval_id)).toEqual(["a"])
  })

  it("keeps the whole arguments as long as it waits, an excerpt after, and 200 decided ones", () => {
    const long = JSON.stringify({ content: "x".repeat(100_000) })
    expect(fold(started("r"), requested("r", "a", long)).approvals.get("a")?.tool_args).toBe(long)
    const many = Array.from({ length: 250 }, (_, index) => String(index))
    const state = fold(started("r"), ...many.flatMap((id) => [requested("r", id, long), decided("r", id)]))
    expect(state.decided).toHaveLength(200)
    expect(state.decided[0]?.approval_id).toBe("249")
    expect(state.decided[0]?.tool_args.length).toBeLessThan(5_000)
  })

  it("comes back from its snapshot as it was", () => {
    const state = fold(
      started("top"),
      started("deep", "top"),
      requested("deep", "a"),
      requested("deep", "b"),
      decided("deep", "b"),
      asked("deep", "q")
    )
    expect(waitingFromSnapshot(JSON.parse(JSON.stringify(waitingToSnapshot(state))))).toEqual(state)
    expect(waitingFromSnapshot({ approvals: 1 })).toBeUndefined()
  })
})
