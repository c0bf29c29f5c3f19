import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { commandOf, Move } from "../../test/anyMoves.ts"
import {
  ask,
  begin,
  beginTool,
  close,
  decided,
  end,
  endTool,
  fail,
  given,
  handOut,
  part,
  pause,
  plan,
  raise,
  request,
  resume,
  type Said,
  start,
  stop,
  stored,
  taskOver
} from "../../test/runFixtures.ts"
import type { Event } from "../Event.ts"
import { RunSummary } from "../http/runs.ts"
import { phaseOf } from "../run/phase.ts"
import { evolve, initial, type RunState } from "../run/RunState.ts"
import { byAttention, type ChoirState, evolveChoir, evolveChoirAll, initialChoir, seedChoir } from "./Choir.ts"
import { beginCard, type ChoirCard, evolveCard, summaryOf } from "./card.ts"

const cardIn = (state: ChoirState, run_id = "run"): ChoirCard => {
  const card = state.cards.get(run_id)
  if (card === undefined) throw new Error(`There is no card of ${run_id}`)
  return card
}
const cardAfter = (...said: ReadonlyArray<Said>) => cardIn(evolveChoirAll(initialChoir, given(...said).events))
const decodeSummary = Schema.decodeUnknownSync(RunSummary)
/** As a browser has it: through JSON and the schema. */
const served = (card: ChoirCard): RunSummary => decodeSummary(JSON.parse(JSON.stringify(summaryOf(card))))

const lists = Schema.Array(Move).check(Schema.isMaxLength(60))

it.prop(
  "has the phase, the steps, the money, the tasks and what waits that the run's own state has, after every event",
  [lists],
  ([list]) => {
    const { events } = given(start(), ...list.map(commandOf), close)
    let run = initial("run")
    let choir = initialChoir
    for (const event of events) {
      run = evolve(run, event)
      choir = evolveChoir(choir, event)
      if (run.status === "none") continue
      const card = cardIn(choir)
      const waiting = run.tools.filter(
        ({ approval, question, result, started }) =>
          result === null && started === null && ((approval !== null && approval.decided === null) || question !== null)
      )
      const tasks = run.tasks.filter((task) => task.status === "open")
      expect([event.event_type, card.phase]).toEqual([event.event_type, phaseOf(run)])
      expect(card).toMatchObject({
        steps: run.step,
        spent: run.spent,
        budget: run.budget,
        waiting: waiting.map((tool) => tool.asked.call_id),
        tasks: tasks.map((task) => task.task_id),
        last_seq: event.seq
      })
    }
    expect(evolveChoirAll(initialChoir, events)).toEqual(choir)
  },
  { arbitrary: { runs: 2_000 } }
)

it.prop(
  "is the same card from a seed in the middle as from the beginning, however much of it comes twice",
  [lists, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 200 }))],
  ([list, where]) => {
    const { events } = given(start(), ...list.map(commandOf), close)
    const whole = evolveChoirAll(initialChoir, events)
    const began = events.findIndex((event) => event.event_type === "run.started")
    const cut = Math.max(began + 1, Math.min(where, events.length))
    const summary = served(cardIn(evolveChoirAll(initialChoir, events.slice(0, cut))))
    const seeded = seedChoir(initialChoir, [summary])
    // What came before the seed comes again, and so does what came after it.
    expect(evolveChoirAll(evolveChoirAll(seeded, events), events)).toEqual(whole)
    // A seed that is late changes nothing.
    expect(seedChoir(whole, [summary])).toBe(whole)
  },
  { arbitrary: { runs: 300 } }
)

describe("a card", () => {
  const bash = (command: string) => ({
    tools: [
      {
        call_id: "t1",
        step: 1,
        tool_name: "bash",
        tool_args: JSON.stringify({ command }),
        reasoning: null,
        scope: { session_id: "s", thread_id: "t" }
      }
    ]
  })
  const asked = [start({ agent: "chat" }), begin("c1"), end("c1", ["t1"], bash("npm  test"))]

  it("says what the run is doing, and since when", () => {
    const after = (...said: ReadonlyArray<Said>) => {
      const doing = cardAfter(...said).doing
      return doing === null ? null : `${doing.verb} ${doing.object}`.trim()
    }
    expect(after(start())).toBe(null)
    expect(after(start(), begin("c1"))).toBe("Thinking")
    expect(after(start(), begin("c1"), say("c1", 0, "So "))).toBe("Writing")
    expect(after(start(), begin("c1"), fail("c1"))).toBe("Waiting to try again")
    expect(after(...asked)).toBe("Running npm test")
    expect(after(...asked, request("t1"))).toBe("Waiting to run npm test")
    expect(after(...asked, request("t1"), decided("t1", "once"), beginTool("t1"))).toBe("Running npm test")
    expect(after(...asked, ask("t1"))).toBe("Asking Which?")
    expect(after(...asked, handOut("k1", { call_id: "t1" }), begin("c2"), end("c2"))).toBe("Waiting on research")
    expect(after(...asked, stop)).toBe("Stopping")
    expect(after(...asked, pause)).toBe(null)
    expect(after(...asked, stop, close)).toBe(null)
    const started = cardAfter(...asked, { at: "2026-01-01T00:00:07.000Z" }, beginTool("t1"))
    expect(started.doing?.since).toBe("2026-01-01T00:00:07.000Z")
  })

  const say = (call_id: string, offset: number, text: string) => ({
    _tag: "Checkpoint" as const,
    text: { call_id, message_id: call_id, offset, text, kind: "text" as const }
  })

  it("has the last two lines of what was said and got, as plain text", () => {
    const { lines } = cardAfter(
      start(),
      begin("c1"),
      say("c1", 0, "# Plan\n\nFirst I look **aro"),
      say("c1", 26, "und** in [src](https://x.y).\n```ts\n"),
      end("c1", ["t1"], { ended: ended("c1") })
    )
    expect(lines).toEqual(["Plan", "First I look around in src."])
    const got = cardAfter(
      start(),
      begin("c1"),
      say("c1", 0, "Testing.\n"),
      end("c1", ["t1"], { ended: ended("c1") }),
      endTool("t1", "\u001b[31mfail\u001b[0m\n\u001b]0;title\u0007 2 passed \u202e\n\n")
    )
    expect(got.lines).toEqual(["Testing.", "2 passed"])
    const grows = cardAfter(
      start(),
      begin("c1"),
      end("c1", ["t1"]),
      endTool("t1", "ok"),
      begin("c2"),
      say("c2", 0, "No")
    )
    expect(grows.lines).toEqual(["ok", "No"])
  })

  const ended = (call_id: string) => ({
    call_id,
    step: 1,
    finish_reason: "tool_calls",
    text: "",
    input_tokens: 1,
    output_tokens: 1,
    cost: null,
    duration_ms: 5,
    error: null
  })

  it("counts the parts of the plan that are done, and keeps them through an edit", () => {
    const planned = [start(), begin("c1"), end("c1", ["t1"]), plan(1, [part("a"), part("b", ["a"])], "t1")]
    const done = [...planned, handOut("k1", { part_id: "a" }), (state: RunState) => taskOver(state, "k1")]
    expect(cardAfter(...planned).plan).toEqual({ total: 2, done: 0 })
    expect(cardAfter(...done).plan).toEqual({ total: 2, done: 1 })
    expect(cardAfter(...done, plan(2, [part("a"), part("b"), part("c")])).plan).toEqual({ total: 3, done: 1 })
  })

  it("knows why it stands, what it may use up, and how it ended", () => {
    expect(cardAfter(start(), pause).reason).toBe("lunch")
    expect(cardAfter(start({ paused: true }))).toMatchObject({ phase: "paused", reason: "It was started so" })
    expect(cardAfter(start(), pause, resume()).reason).toBe(null)
    expect(cardAfter(start({ budget: { steps: 5 } }), raise(20)).budget).toEqual({ steps: 20 })
    expect(cardAfter(start(), begin("c1"), end("c1"))).toMatchObject({
      phase: "done",
      ended_at: "2026-01-01T00:00:00.000Z",
      lines: ["done"],
      spent: { calls: 1, tokens: 2, cost: 0 }
    })
  })

  it("stays the same object where an event is not about it, or is not new", () => {
    const { events } = given(start(), begin("c1"))
    const choir = evolveChoirAll(initialChoir, events)
    const last = events.at(-1)
    if (last === undefined) throw new Error("Nothing happened")
    expect(evolveChoir(choir, last)).toBe(choir)
    expect(evolveChoir(choir, { ...last, seq: last.seq + 1, run_id: "unknown" })).toBe(choir)
    expect(evolveChoir(choir, { ...last, seq: last.seq + 1, event_type: "file.written" })).toBe(choir)
    expect(evolveChoir(choir, { ...last, seq: last.seq + 1, event_type: "terminal.opened" })).toBe(choir)
  })

  it("of a fork has the plan that was made before the step that it goes on from", () => {
    const { events } = given(start(), begin("c1"), end("c1", ["t1"]), plan(1, [part("a")], "t1"), begin("c2"))
    const fork = (from_step: number): Event => ({
      ...stored({
        event_type: "run.started",
        payload: {
          objective: "again",
          agent: "conductor",
          model: "demo",
          trigger: { kind: "fork", of_run: "run", from_step },
          parent_run_id: null
        }
      }),
      run_id: "fork"
    })
    expect(cardIn(evolveChoirAll(initialChoir, [...events, fork(2)]), "fork").phase).toBe("working")
    expect(cardIn(evolveChoirAll(initialChoir, [...events, fork(1)]), "fork").phase).toBe("planning")
  })
})

it("puts those first who need a person: waiting, failed just now, quiet, working, standing, over", () => {
  const at = (seconds: number) => ({ at: new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString() })
  const card = (run_id: string, ...said: ReadonlyArray<Said>): ChoirCard => ({ ...cardAfter(...said), run_id })
  const failed = (seconds: number) => [
    at(seconds),
    start(),
    { ...close, outcome: "failed", error: { kind: "server", message: "broken" } } as const
  ]
  const now = Date.UTC(2026, 0, 1, 0, 20, 0)
  const cards = [
    card("old failure", ...failed(1)),
    card("done", at(1_000), start(), begin("c1"), end("c1")),
    card("paused", at(1_190), start(), pause),
    card("working", at(1_195), start(), begin("c1")),
    card("quiet", at(1_100), start(), begin("c1")),
    card("failed", ...failed(1_000)),
    card("asks later", at(1_199), start(), begin("c1"), end("c1", ["t1"]), request("t1")),
    card("asks", at(1_100), start(), begin("c1"), end("c1", ["t1"]), request("t1"))
  ]
  const order = ["asks", "asks later", "failed", "quiet", "working", "paused", "done", "old failure"]
  expect(byAttention(cards, now).map(({ run_id }) => run_id)).toEqual(order)
  expect(byAttention(cards.toReversed(), now).map(({ run_id }) => run_id)).toEqual(order)
})

it("begins with the run, and not with what is said of it before", () => {
  const { events } = given(start(), begin("c1"))
  const [message, started] = events
  if (message === undefined || started === undefined) throw new Error("Nothing happened")
  expect(evolveChoir(initialChoir, message)).toBe(initialChoir)
  const card = beginCard(started)
  expect(card).toMatchObject({ run_id: "run", phase: "planning", objective: "do it" })
  expect(card === null ? null : evolveCard(card, started)).toBe(card)
})
