import { expect, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Event } from "../Event.ts"
import type { Change } from "../events.ts"
import { defaultScope, scopePair } from "./scope.ts"
import {
  evolveThreads,
  findThread,
  initialThreads,
  Thread,
  threadsFromSnapshot,
  threadsOf,
  threadsToSnapshot
} from "./threads.ts"

const stored = (change: Change, seq: number, thread: string | null = "t", run_id: string | null = null): Event => ({
  seq,
  event_id: `event-${seq}`,
  timestamp: `time-${seq}`,
  version: 1,
  actor_id: "a",
  user_id: null,
  session_id: thread === null ? null : "s",
  thread_id: thread,
  run_id,
  correlation_id: null,
  causation_id: null,
  ...change
})

const asked = (text: string): Change => ({
  event_type: "chat.user_msg",
  payload: { message_id: "m", text, client_message_id: null, mode: "steer" }
})
const answered: Change = {
  event_type: "chat.assistant_msg",
  payload: { message_id: "n", text: "yes", model_used: "demo", reply_to: ["m"], confidence: null }
}
const started: Change = {
  event_type: "run.started",
  payload: {
    objective: "o",
    agent: "chat",
    model: "demo",
    trigger: { kind: "message", message_id: "m" },
    parent_run_id: null
  }
}
const ended: Change = {
  event_type: "run.ended",
  payload: { outcome: "done", error: null, answered: ["m"], steps: 1, duration_ms: 5 }
}
const deleted: Change = { event_type: "chat.thread_deleted", payload: {} }

const fold = (...events: ReadonlyArray<Event>) => events.reduce(evolveThreads, initialThreads)

it("a thread begins with its first message, which names it", () => {
  const state = fold(stored(asked("\n  List the files\nplease"), 1), stored(answered, 2))

  expect(findThread(state, "a", "s", "t")).toEqual({
    actor_id: "a",
    session_id: "s",
    thread_id: "t",
    title: "List the files",
    agent: "chat",
    model: null,
    archived: false,
    parent_run_id: null,
    active_run_id: null,
    created_at: "time-1",
    last_activity_at: "time-2",
    last_seq: 2,
    message_count: 2
  })
})

it("a long first line is cut at a character, not within one", () => {
  const title = findThread(fold(stored(asked("🎵".repeat(200)), 1)), "a", "s", "t")?.title

  expect(title).toBe(`${"🎵".repeat(79)}…`)
})

it("what is created, renamed, archived and switched shows; a title that was given stays", () => {
  const state = fold(
    stored({ event_type: "chat.thread_created", payload: { title: "Work", agent: "code", model: null } }, 1),
    stored(asked("hello"), 2),
    stored({ event_type: "chat.model_switched", payload: { model: "demo/demo" } }, 3),
    stored({ event_type: "chat.thread_archived", payload: { archived: true } }, 4)
  )
  expect(findThread(state, "a", "s", "t")).toMatchObject({
    title: "Work",
    agent: "code",
    model: "demo/demo",
    archived: true
  })

  const renamed = evolveThreads(state, stored({ event_type: "chat.thread_renamed", payload: { title: "New" } }, 5))
  expect(findThread(renamed, "a", "s", "t")).toMatchObject({ title: "New", last_seq: 5 })
})

it("its foreground run is known while it lasts", () => {
  const running = fold(stored(asked("x"), 1), stored(started, 2, "t", "run-1"))
  expect(findThread(running, "a", "s", "t")?.active_run_id).toBe("run-1")

  const other = evolveThreads(running, stored(ended, 3, "t", "run-0"))
  expect(findThread(other, "a", "s", "t")?.active_run_id).toBe("run-1")
  expect(findThread(evolveThreads(other, stored(ended, 4, "t", "run-1")), "a", "s", "t")?.active_run_id).toBeNull()
})

it("a deleted thread is not brought back by what its old turn still says", () => {
  const state = fold(stored(asked("x"), 1), stored(deleted, 2), stored(answered, 3), stored(ended, 4, "t", "run-1"))
  expect(threadsOf(state, "a")).toEqual([])

  expect(threadsOf(evolveThreads(state, stored(asked("again"), 5)), "a")).toHaveLength(1)
})

it("threads are listed by actor, the latest activity first, and free strings never collide", () => {
  const odd: Event = { ...stored(asked("odd"), 3), session_id: 's","t', thread_id: "" }
  const state = fold(stored(asked("one"), 1, "t"), stored(asked("two"), 2, "u"), odd, stored(answered, 4, "t"), {
    ...stored(asked("other"), 5),
    actor_id: "b"
  })

  expect(threadsOf(state, "a").map(({ title }) => title)).toEqual(["one", "odd", "two"])
  expect(threadsOf(state, "b").map(({ title }) => title)).toEqual(["other"])
})

it("an event outside of any thread leaves the list as it is", () => {
  const state = fold(stored(asked("x"), 1))

  expect(evolveThreads(state, stored(started, 2, null, "run-1"))).toBe(state)
})

const Step = Schema.Struct({
  kind: Schema.Literals([
    "asked",
    "answered",
    "started",
    "ended",
    "deleted",
    "renamed",
    "archived",
    "switched",
    "created"
  ]),
  thread: Schema.Literals(["t", "u", "v"]),
  text: Schema.String
})

const changeOf = ({ kind, text }: typeof Step.Type): Change => {
  switch (kind) {
    case "asked":
      return asked(text)
    case "answered":
      return answered
    case "started":
      return started
    case "ended":
      return ended
    case "deleted":
      return deleted
    case "renamed":
      return { event_type: "chat.thread_renamed", payload: { title: text } }
    case "archived":
      return { event_type: "chat.thread_archived", payload: { archived: text.length % 2 === 0 } }
    case "switched":
      return { event_type: "chat.model_switched", payload: { model: text } }
    case "created":
      return { event_type: "chat.thread_created", payload: { title: text, agent: "chat", model: null } }
  }
}

it.prop(
  "the replay equals the live list, also from a snapshot taken anywhere",
  { steps: Schema.Array(Step), cut: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })) },
  ({ steps, cut }) => {
    const events = steps.map((step, index) =>
      stored(changeOf(step), index + 1, step.thread, `run-${step.text.length % 2}`)
    )
    const live = threadsOf(fold(...events), "a")
    const snapshot: ReadonlyArray<Thread> = JSON.parse(JSON.stringify(threadsToSnapshot(fold(...events.slice(0, cut)))))
    const resumed = events.slice(cut).reduce(evolveThreads, threadsFromSnapshot(snapshot))

    expect(threadsOf(resumed, "a")).toEqual(live)
    expect(live.every(Schema.is(Thread))).toBe(true)
  }
)

it("a pair is whole or absent; null and absent mean the same", () => {
  expect(defaultScope("bob")).toEqual({ session_id: "session:bob", thread_id: "thread:bob" })
  expect(scopePair("s", "t")).toEqual(Result.succeed({ session_id: "s", thread_id: "t" }))
  expect(scopePair(null, undefined)).toEqual(Result.succeed(null))
  expect(scopePair("s", null)).toEqual(Result.fail("thread_id is required when session_id is provided"))
  expect(scopePair(undefined, "t")).toEqual(Result.fail("session_id is required when thread_id is provided"))
})
