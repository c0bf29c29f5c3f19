import { beginChoirCard, type ChoirCard } from "@choiros/protocol"
import { expect, it } from "vitest"
import { heardTime } from "../../ui/present.ts"
import { allRead, endedRuns, isUnread, type Marks, oneRead } from "./endedRuns.ts"

const begun = beginChoirCard({
  seq: 1,
  event_id: "e",
  event_type: "run.started",
  version: 1,
  timestamp: "2026-01-01T00:00:00.000Z",
  actor_id: "me",
  user_id: "me",
  session_id: null,
  thread_id: null,
  run_id: "run",
  causation_id: null,
  correlation_id: null,
  payload: {
    objective: "Tidy up",
    agent: "code",
    model: "demo",
    trigger: { kind: "message", message_id: "m" },
    parent_run_id: null
  }
})

const card = (run_id: string, ended_at: string | null, over: Partial<ChoirCard> = {}): ChoirCard => {
  if (begun === null) throw new Error("A run that has started has a card")
  return { ...begun, run_id, ended_at, phase: "done", ...over }
}

const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`

it("tells of runs at the top that are over, the latest first", () => {
  const { failed, finished } = endedRuns([
    card("first", at(1)),
    card("child", at(2), { parent_run_id: "first" }),
    card("goes on", null, { phase: "working" }),
    card("warned", at(3), { phase: "done_with_warnings" }),
    card("stopped", at(4), { phase: "stopped" }),
    card("broken", at(5), { phase: "failed" }),
    card("cut", at(6), { phase: "interrupted" })
  ])
  expect(finished.map(({ run_id }) => run_id)).toEqual(["warned", "first"])
  expect(failed.map(({ run_id }) => run_id)).toEqual(["cut", "broken"])
})

it("has what ended after the last look as new, until it was read", () => {
  const marks: Marks = { since: at(2), read: new Set() }
  const one = card("one", at(3))
  expect(isUnread(marks, card("old", at(1)))).toBe(false)
  expect(isUnread(marks, one)).toBe(true)
  expect(isUnread(oneRead(marks, one), one)).toBe(false)
  expect(isUnread(oneRead(marks, one), card("other", at(3)))).toBe(true)
})

it("reads all of them at once, and only what ends later is new", () => {
  const marks = allRead({ since: at(0), read: new Set(["one"]) }, [card("one", at(3)), card("two", at(5))])
  expect(marks).toEqual({ since: at(5), read: new Set() })
  expect(isUnread(marks, card("later", at(6)))).toBe(true)
  expect(allRead(marks, [])).toBe(marks)
})

it("has what ended in the last day as new on a first visit, by the computer's clock once that is known", () => {
  const marks: Marks = { since: null, read: new Set() }
  const hoursAgo = (hours: number, now: number) => new Date(now - hours * 3_600_000).toISOString()
  expect(isUnread(marks, card("lately", hoursAgo(23, Date.now())))).toBe(true)
  expect(isUnread(marks, card("long ago", hoursAgo(25, Date.now())))).toBe(false)
  // The browser is three days ahead of the computer.
  const there = Date.now() - 72 * 3_600_000
  heardTime(new Date(there).toUTCString(), Date.now())
  try {
    expect(isUnread(marks, card("lately there", hoursAgo(23, there)))).toBe(true)
    expect(isUnread(marks, card("long ago there", hoursAgo(25, there)))).toBe(false)
  } finally {
    heardTime(new Date().toUTCString(), Date.now())
  }
})
