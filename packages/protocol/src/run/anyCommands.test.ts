/** The decider's laws, for any list of commands. */
import { expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { commandOf, Move } from "../../test/anyMoves.ts"
import { close, given, resume, start } from "../../test/runFixtures.ts"
import { owed } from "./decide.ts"
import { evolve, initial } from "./RunState.ts"

/** Beginnings, their ends, and what names them. */
const pairs = [
  ["run.started", ["run.ended"], null],
  ["run.step_started", ["run.step_ended"], "step"],
  ["model.call_started", ["model.call_ended"], "call_id"],
  ["tool.call", ["tool.result"], "call_id"],
  ["approval.requested", ["approval.decided"], "approval_id"],
  ["question.asked", ["question.answered"], "question_id"],
  ["worker.task.started", ["worker.task.completed", "worker.task.failed", "worker.task.cancelled"], "task_id"]
] as const

const options = { arbitrary: { runs: 2_000 } }
const lists = Schema.Array(Move).check(Schema.isMaxLength(60))

it.prop(
  "gives every start exactly one end, nothing after the end, and replays to the same state",
  [lists],
  ([list]) => {
    const { events, state } = given(start(), ...list.map(commandOf), close)
    expect(state.status).toBe("ended")
    const balance = new Map<string, number>()
    for (const { event_type, payload } of events) {
      for (const [begins, ends, key] of pairs) {
        const by = event_type === begins ? 1 : ends.some((type) => type === event_type) ? -1 : 0
        const id = `${begins} ${key === null ? "" : Object(payload)[key]}`
        if (by === 0) continue
        const open = (balance.get(id) ?? 0) + by
        // An end never comes before its beginning, nor twice.
        expect([id, open >= 0]).toEqual([id, true])
        balance.set(id, open)
      }
    }
    expect([...balance].filter(([, open]) => open !== 0)).toEqual([])
    expect(events.findIndex((event) => event.event_type === "run.ended")).toBe(events.length - 1)
    expect(events.reduce(evolve, initial("run"))).toEqual(state)
  },
  options
)

it.prop(
  "never leaves a run with nothing to do and nobody to wait for",
  [lists],
  ([list]) => {
    const { state } = given(start(), ...list.map(commandOf))
    const waitsForTask = state.tasks.some((task) => task.status === "open")
    const isBusy = state.call !== null || owed(state).length > 0 || waitsForTask
    expect(state.status === "paused" || state.status === "ended" || isBusy).toBe(true)
    // Paused, it owes nothing; going on, it does.
    if (state.status === "paused") {
      expect(owed(state)).toEqual([])
      const { state: after } = given(start(), ...list.map(commandOf), resume())
      expect(owed(after).length > 0 || waitsForTask).toBe(true)
    }
  },
  options
)
