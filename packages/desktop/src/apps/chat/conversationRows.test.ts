import { type Change, ConversationFold, type Event } from "@choiros/protocol"
import { expect, it } from "@effect/vitest"
import { ConversationRows, type Row } from "./conversationRows.ts"
import { newSince, thingsIn } from "./newThings.ts"

const run_id = "run-1"

/** A thread that grows event by event, with the rows that are made of it. */
const thread = () => {
  const fold = new ConversationFold()
  const rows = new ConversationRows()
  let seq = 0
  const show = (): ReadonlyArray<Row> => rows.of(fold.items, [])
  const push = (change: Change, of: string | null = run_id): ReadonlyArray<Row> => {
    seq += 1
    const event: Event = {
      seq,
      event_id: `event-${seq}`,
      timestamp: new Date(Date.UTC(2026, 0, 1, 0, 0, seq)).toISOString(),
      version: 1,
      actor_id: "me",
      user_id: "me",
      session_id: "s",
      thread_id: "t",
      run_id: of,
      correlation_id: null,
      causation_id: null,
      ...change
    }
    fold.push(event)
    return show()
  }
  const delta = (message_id: string, offset: number, text: string): ReadonlyArray<Row> => {
    fold.delta({ message_id, kind: "text", offset, text })
    return show()
  }
  return { push, delta, show }
}

const asked = (text: string): Change => ({
  event_type: "chat.user_msg",
  payload: { message_id: "m-1", text, client_message_id: null, mode: "steer" }
})
const started: Change = {
  event_type: "run.started",
  payload: {
    objective: "Go",
    agent: "chat",
    model: "demo",
    trigger: { kind: "message", message_id: "m-1" },
    parent_run_id: null
  }
}
const step = (number: number): Change => ({ event_type: "run.step_started", payload: { step: number } })
const calls = (call_id: string): Change => ({
  event_type: "model.call_started",
  payload: { call_id, step: 1, model: "demo", attempt: 1 }
})
const said = (call_id: string, text: string): Change => ({
  event_type: "model.call_ended",
  payload: {
    call_id,
    step: 1,
    finish_reason: "stop",
    text,
    input_tokens: 1,
    output_tokens: 1,
    cost: null,
    duration_ms: 5,
    error: null
  }
})
const reads = (call_id: string): ReadonlyArray<Change> => [
  {
    event_type: "tool.call",
    payload: {
      call_id,
      step: 1,
      tool_name: "read_file",
      tool_args: JSON.stringify({ path: `${call_id}.md` }),
      reasoning: null,
      scope: { session_id: "s", thread_id: "t" }
    }
  },
  {
    event_type: "tool.result",
    payload: {
      call_id,
      tool_name: "read_file",
      success: true,
      output: "text",
      truncated: false,
      outcome: "ok",
      duration_ms: 2,
      scope: { session_id: "s", thread_id: "t" }
    }
  }
]
const ended: ReadonlyArray<Change> = [
  {
    event_type: "chat.assistant_msg",
    payload: { message_id: "a-1", text: "All done", model_used: "demo", reply_to: ["m-1"], confidence: null }
  },
  {
    event_type: "run.ended",
    payload: { outcome: "done", error: null, answered: ["m-1"], steps: 1, duration_ms: 9 }
  }
]
const kinds = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => rows.map(({ kind }) => kind)

it("a turn is a head, what was said and done, and a foot; the answer is said once", () => {
  const { push, show } = thread()
  for (const change of [asked("Go"), started, step(1), calls("c-1"), said("c-1", "All done"), ...ended]) push(change)
  expect(kinds(show())).toEqual(["user", "head", "text", "foot"])
})

it("an answer that no call of the turn has said is a row of its own", () => {
  const { push, show } = thread()
  for (const change of [asked("Go"), started, ...ended]) push(change)
  expect(show().find((row) => row.kind === "text")).toMatchObject({ text: "All done", streaming: false })
})

it("live text stands where it stays, under the same key", () => {
  const { delta, push, show } = thread()
  for (const change of [asked("Go"), started, step(1), calls("c-1")]) push(change)
  const live = delta("c-1", 0, "All")
  expect(live.find((row) => row.kind === "text")).toMatchObject({ text: "All", streaming: true })
  delta("c-1", 3, " done")
  push(said("c-1", "All done"))
  for (const change of ended) push(change)
  const text = show().filter((row) => row.kind === "text")
  expect(text).toMatchObject([
    { key: live.find((row) => row.kind === "text")?.key, text: "All done", streaming: false }
  ])
})

it("a word changes the row that it is in, and the foot", () => {
  const { delta, push } = thread()
  for (const change of [asked("Go"), started, step(1), calls("c-1"), said("c-1", "First"), step(2)]) push(change)
  const before = push(calls("c-2"))
  const after = delta("c-2", 0, "Second")
  const changed = after.filter((row) => !before.includes(row))
  expect(kinds(changed)).toEqual(["text", "foot"])
})

it("looks fold together over steps, and a word between them parts them", () => {
  const { push, show } = thread()
  for (const change of [asked("Go"), started, step(1), ...reads("t-1"), step(2), ...reads("t-2")]) push(change)
  expect(kinds(show())).toEqual(["user", "head", "group", "foot"])
  for (const change of [step(3), calls("c-3"), said("c-3", "Hm"), ...reads("t-3"), ...reads("t-4")]) push(change)
  expect(kinds(show())).toEqual(["user", "head", "group", "text", "group", "foot"])
})

it("work that was handed out is one row from begin to end", () => {
  const { push, show } = thread()
  const work = {
    task_id: "child",
    correlation_id: "child",
    kind: "agent" as const,
    agent: "code",
    objective: "write it",
    started_at: "2026-01-01T00:00:00.000Z",
    attempt: 1
  }
  for (const change of [asked("Go"), started, step(1)]) push(change)
  push({ event_type: "worker.task.started", payload: { ...work, status: "running" } })
  push({
    event_type: "worker.task.completed",
    payload: { ...work, status: "completed", finished_at: "2026-01-01T00:00:02.000Z", duration_ms: 2_000 }
  })
  expect(show().filter((row) => row.kind === "task")).toMatchObject([
    { task: { task_id: "child", status: "completed", objective: "write it" } }
  ])
})

it("only the message that began a turn can be asked again in other words", () => {
  const { push, show } = thread()
  for (const change of [asked("Go"), started, step(1), calls("c-1")]) push(change)
  push({
    event_type: "chat.user_msg",
    payload: { message_id: "m-2", text: "And more", client_message_id: null, mode: "steer" }
  })
  const users = show().filter((row) => row.kind === "user")
  expect(users.map((row) => (row.kind === "user" ? row.began : undefined))).toEqual([run_id, null])
})

it("what is new is counted as a reader would: calls that fold as often as they were, an answer once, no head and no foot", () => {
  const { push, show } = thread()
  for (const change of [asked("Go"), started, step(1), ...reads("t-1")]) push(change)
  const before = thingsIn(show())
  expect(newSince(before, show())).toBe(0)
  for (const change of [...reads("t-2"), step(2), ...reads("t-3")]) push(change)
  expect(kinds(show())).toEqual(["user", "head", "group", "foot"])
  expect(newSince(before, show())).toBe(2)
  const long = Array.from({ length: 40 }, (_, at) => `P${at} ${"word ".repeat(40)}`).join("\n\n")
  for (const change of [step(3), calls("c-3"), said("c-3", long)]) push(change)
  expect(kinds(show()).filter((kind) => kind === "text").length).toBeGreaterThan(1)
  expect(newSince(before, show())).toBe(3)
  for (const change of ended) push(change)
  expect(newSince(before, show())).toBe(4)
})
