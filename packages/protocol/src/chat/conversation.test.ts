import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { commandOf, Move } from "../../test/anyMoves.ts"
import {
  begin,
  close,
  compacted,
  compacting,
  end,
  endTool,
  fail,
  given,
  handOut,
  pause,
  resume,
  start,
  steer,
  stored,
  taskOver
} from "../../test/runFixtures.ts"
import type { Event } from "../Event.ts"
import type { Change } from "../events.ts"
import { ConversationFold, type ConversationItem } from "./conversation.ts"
import { LiveText, nothingLive } from "./live.ts"
import type { TurnItem } from "./turn.ts"

const folded = (events: ReadonlyArray<Event>): ConversationFold => {
  const fold = new ConversationFold()
  for (const event of events) fold.push(event)
  return fold
}
const turnsOf = (items: ReadonlyArray<ConversationItem>): ReadonlyArray<TurnItem> =>
  items.flatMap((item) => (item.kind === "turn" ? [item] : []))
/** Who speaks, in the order in which it is read. */
const outline = (items: ReadonlyArray<ConversationItem>) =>
  items.map((item) =>
    item.kind === "user"
      ? `${item.state === "taken" ? "user" : item.state} ${item.message_id}`
      : item.kind === "turn"
        ? `turn ${item.steps.flatMap(({ step }) => (step === 0 ? [] : [step])).join(",")} ${item.continued ? "…" : item.phase}`
        : item.text
  )
const say = (call_id: string, kind: "text" | "reasoning", offset: number, text: string) => ({
  _tag: "Checkpoint" as const,
  text: { call_id, message_id: call_id, offset, text, kind }
})
const delta = (message_id: string, kind: "text" | "reasoning", offset: number, text: string) => ({
  message_id,
  kind,
  offset,
  text
})
/** An event of the thread that no run of it has written. */
const beside = ({ event_type, payload }: Change): Event => ({
  ...stored({ event_type: "run.paused", payload: { reason: "", by: "" } }),
  run_id: null,
  event_type,
  payload
})
const queuedMessage = (message_id: string, mode: "queue" | "replace" | "steer" = "queue"): Event =>
  beside({ event_type: "chat.user_msg", payload: { message_id, text: message_id, client_message_id: null, mode } })
const runFor = (run_id: string, message_id: string): Event => ({
  ...stored({
    event_type: "run.started",
    payload: {
      objective: message_id,
      agent: "chat",
      model: "demo",
      trigger: { kind: "message", message_id },
      parent_run_id: null
    }
  }),
  run_id
})

describe("live and afterwards", () => {
  /** A turn as it goes: deltas come at once, checkpoints within a second, and some deltas are late, twice, or lost. */
  const { events } = given(
    start({ agent: "chat" }),
    begin("c1"),
    say("c1", "reasoning", 0, "Let me see"),
    say("c1", "text", 0, "I look "),
    end("c1", ["t1"], {
      ended: {
        call_id: "c1",
        step: 1,
        finish_reason: "tool_calls",
        text: "around.",
        input_tokens: 1,
        output_tokens: 1,
        cost: 0.5,
        duration_ms: 5,
        error: null
      }
    }),
    endTool("t1"),
    begin("c2"),
    fail("c2"),
    begin("c3"),
    say("c3", "text", 0, "All "),
    end("c3")
  )
  const before = new Map<string, ReadonlyArray<ReturnType<typeof delta>>>([
    ["model.text/c1/0", [delta("c1", "reasoning", 0, "Let me "), delta("c1", "text", 0, "I loo")]],
    [
      "model.call_ended/c1",
      [delta("c1", "text", 5, "k "), delta("c1", "text", 7, "aro"), delta("c1", "text", 12, "d.")]
    ],
    ["model.call_ended/c2", [delta("c2", "text", 0, "It br")]],
    ["model.text/c3/0", [delta("c3", "text", 0, "All "), delta("c3", "text", 4, "done")]],
    ["run.ended", [delta("c3", "text", 4, "done"), delta("c1", "text", 0, "late"), delta("c9", "text", 0, "whose?")]]
  ])
  const keyOf = ({ event_type, payload }: Event): string => {
    const { call_id, offset } = Object(payload)
    return [event_type, call_id, offset].filter((part) => part !== undefined).join("/")
  }

  it("are the same once the run has ended: deltas leave nothing but what the events say", () => {
    const live = new ConversationFold()
    const shown: Array<string> = []
    for (const event of events) {
      for (const payload of before.get(keyOf(event)) ?? []) live.delta(payload)
      const [turn] = turnsOf(live.items)
      const call = turn?.steps.at(-1)?.calls.at(-1)
      if (turn !== undefined && call !== undefined) {
        const more = turn.live.message_id === call.call_id ? turn.live : nothingLive
        shown.push(`${call.reasoning}${more.reasoning}|${call.text}${more.text}`)
      }
      live.push(event)
    }
    live.delta(delta("c3", "text", 8, "after the end"))
    expect(live.items).toEqual(folded(events).items)
    expect(turnsOf(live.items).map((turn) => turn.live)).toEqual([nothingLive])
    // Text is shown as soon as it comes, never twice, and never with a hole.
    expect(shown.filter((text, index) => text !== shown[index - 1])).toEqual([
      "Let me |I loo",
      "Let me see|I loo",
      "Let me see|I look aro",
      "Let me see|I look around.",
      "|It br",
      "|done",
      "|All done"
    ])
  })

  it("has the turn with its steps, its answer, its money and its end", () => {
    const [turn] = turnsOf(folded(events).items)
    expect(turn).toMatchObject({
      agent: "chat",
      model: "demo",
      phase: "done",
      error: null,
      spent: { calls: 3, tokens: 6, cost: 0.5 },
      ended_at: expect.any(String),
      answer: { message_id: "c3", text: expect.stringContaining("All done") }
    })
    expect(turn?.steps[1]?.calls).toMatchObject([{ reasoning: "Let me see", text: "I look around." }])
  })
})

describe("deltas", () => {
  const shownAfter = (...pieces: ReadonlyArray<readonly [offset: number, text: string] | number>): string => {
    const live = new LiveText()
    for (const piece of pieces) {
      if (typeof piece === "number") live.stored(0, piece)
      else live.delta(piece[0], piece[1])
    }
    return live.shown
  }

  it("are lined up by their offsets", () => {
    expect(shownAfter([0, "ab"], [2, "cd"])).toBe("abcd")
    expect(shownAfter([0, "ab"], [0, "ab"], [1, "bc"])).toBe("abc")
    expect(shownAfter([0, "ab"], [4, "ef"])).toBe("ab")
    expect(shownAfter([0, "ab"], [4, "ef"], [2, "cd"])).toBe("abcdef")
    expect(shownAfter([4, "ef"], [0, "abcdefgh"])).toBe("abcdefgh")
    expect(shownAfter([0, "abcdef"], 3)).toBe("def")
    expect(shownAfter([0, "abc"], 3)).toBe("")
    expect(shownAfter(3, [0, "abc"], [3, "d"])).toBe("d")
    expect(shownAfter([5, "f"], 5)).toBe("f")
    expect(shownAfter([-1, "x"], [0, ""])).toBe("")
  })

  it.prop(
    "in any order, cut anywhere and told again, give the text once",
    [Schema.Array(Schema.Struct({ from: Schema.Int, to: Schema.Int, stored: Schema.Boolean }))],
    ([cuts]) => {
      const whole = "The quick brown fox jumps over the lazy dog"
      const live = new LiveText()
      let known = 0
      for (const cut of cuts) {
        const [from = 0, to = 0] = [cut.from, cut.to]
          .map((at) => Math.abs(at) % (whole.length + 1))
          .sort((a, b) => a - b)
        if (cut.stored) {
          live.stored(known, Math.max(0, to - known))
          known = Math.max(known, to)
        } else live.delta(from, whole.slice(from, to))
        expect(whole.slice(known).startsWith(live.shown)).toBe(true)
      }
      live.delta(0, whole)
      expect(whole.slice(0, known) + live.shown).toBe(whole)
    }
  )

  it("of a summary, of another thread, or of no sense change nothing", () => {
    const { events } = given(start(), begin("c1"), end("c1", ["t1"]), endTool("t1"), compacting("s1"))
    const fold = folded(events)
    const { items, version } = fold
    for (const payload of [delta("s1", "text", 0, "In short"), delta("c1", "text", 0, "x"), null, "x", { text: 1 }]) {
      fold.delta(payload)
    }
    expect(fold.version).toBe(version)
    expect(fold.items).toBe(items)
  })
})

describe("a conversation", () => {
  it("has a message that a run takes up between the steps before it and those after it", () => {
    const { events } = given(
      start({ agent: "chat" }),
      begin("c1"),
      end("c1", ["t1"]),
      steer("m2"),
      endTool("t1"),
      begin("c2"),
      end("c2")
    )
    expect(outline(folded(events).items)).toEqual(["user m1", "turn 1 …", "user m2", "turn 2 done"])
    const upTo = events.findIndex((event) => event.event_type === "tool.result")
    expect(outline(folded(events.slice(0, upTo)).items)).toEqual(["user m1", "turn 1 working", "user m2"])
    const early = given(start({ agent: "chat" }), steer("m2"), begin("c1"), end("c1")).events
    expect(outline(folded(early).items)).toEqual(["user m1", "user m2", "turn 1 done"])
  })

  it("keeps what waits for a run of its own at the end, until its run begins", () => {
    const { events } = given(start({ agent: "chat" }), begin("c1"))
    const ended = stored({
      event_type: "run.ended",
      payload: { outcome: "done", error: null, answered: ["m1"], steps: 1, duration_ms: 1 }
    })
    const fold = folded([...events, queuedMessage("q1"), queuedMessage("q2"), queuedMessage("now", "replace")])
    expect(outline(fold.items)).toEqual(["user m1", "turn 1 working", "queued now", "queued q1", "queued q2"])
    fold.push({ ...ended, seq: fold.seq + 1 })
    fold.push({ ...runFor("b", "now"), seq: fold.seq + 1 })
    fold.push({ ...runFor("c", "q2"), seq: fold.seq + 1 })
    expect(outline(fold.items)).toEqual([
      "user m1",
      "turn 1 done",
      "user now",
      "turn  working",
      "user q2",
      "turn  working",
      "queued q1"
    ])
    expect(outline(folded([queuedMessage("m", "steer")]).items)).toEqual(["unanswered m"])
  })

  it("shows of a retry what was asked in another way, and nothing that was said before", () => {
    const { events } = given(start({ agent: "chat" }), begin("c1"), end("c1"))
    const retry = (
      objective: string,
      more: { readonly continues?: boolean; readonly of_run?: string } = {}
    ): Event => ({
      ...stored({
        event_type: "run.started",
        payload: {
          objective,
          agent: "chat",
          model: "demo",
          trigger: { kind: "retry", of_run: more.of_run ?? "run", from_step: 2 },
          parent_run_id: null,
          ...(more.continues === true ? { continues: true } : {})
        }
      }),
      run_id: "again"
    })
    const items = (event: Event) => folded([...events, event]).items.slice(2)
    expect(outline(items(retry("text of m1")))).toEqual(["turn  working"])
    expect(items(retry("better"))).toMatchObject([
      { kind: "user", text: "better", edited_from: "m1", run_id: "again", from: "person" },
      { kind: "turn" }
    ])
    expect(outline(items(retry("text of m1", { continues: true, of_run: "elsewhere" })))).toEqual([
      "Goes on from step 2 of another run",
      "turn  working"
    ])
  })

  it("of a delegated run begins with what the other agent asked", () => {
    const { events } = given({
      _tag: "Start",
      started: {
        objective: "find it",
        agent: "research",
        model: "demo",
        trigger: { kind: "task", task_id: "run" },
        parent_run_id: "above"
      },
      message: null
    })
    expect(folded(events).items).toMatchObject([{ kind: "user", from: "agent", text: "find it" }, { kind: "turn" }])
  })

  it("notes what happened beside what was said, and begins anew where it was deleted", () => {
    const { events } = given(start({ agent: "chat" }), begin("c1"))
    const notes = [
      beside({ event_type: "chat.model_switched", payload: { model: "demo" } }),
      beside({ event_type: "chat.thread_renamed", payload: { title: "Plans" } })
    ]
    const fold = folded([...events, ...notes])
    expect(outline(fold.items)).toEqual(["user m1", "turn 1 working", "Model: demo", 'Renamed to "Plans"'])
    fold.push({ ...beside({ event_type: "chat.thread_deleted", payload: {} }), event_id: "z" })
    expect(fold.items).toEqual([])
    fold.push(stored({ event_type: "run.paused", payload: { reason: "late", by: "me" } }))
    fold.push(beside({ event_type: "chat.model_switched", payload: { model: "x" } }))
    expect(outline(fold.items)).toEqual(["Model: x"])
  })

  it("changes only the item that an event is about", () => {
    const { events } = given(
      start(),
      begin("c1"),
      end("c1", ["t1"]),
      handOut("k1", { call_id: "t1" }),
      steer("m2"),
      begin("c2"),
      end("c2", ["t2"]),
      steer("m3"),
      endTool("t2"),
      begin("c3"),
      pause,
      resume(),
      (state) => taskOver(state, "k1")
    )
    const fold = new ConversationFold()
    let before = fold.items
    for (const event of events) {
      fold.push(event)
      const now = fold.items
      const parts = new Map(turnsOf(now).map((turn) => [turn.id, turn]))
      const changed = before.filter((item) => now.find(({ id }) => id === item.id) !== item)
      if (event.event_type === "worker.task.completed") {
        expect(changed.map(({ id }) => id)).toEqual(["turn/run/1", "turn/run/3"])
        expect(parts.get("turn/run/1")?.steps.at(-1)?.tools[0]?.work).toMatchObject([{ status: "completed" }])
      } else expect(changed.length).toBeLessThanOrEqual(2)
      for (const item of before) if (item.kind === "user") expect(now).toContain(item)
      before = now
    }
    fold.push(events[0] ?? queuedMessage("x"))
    expect(fold.items).toBe(before)
    expect(fold.items).toEqual(folded(events).items)
  })
})

it.prop(
  "any run is read the same event by event as at once, and each step and message of it once",
  [Schema.Array(Move).check(Schema.isMaxLength(60))],
  ([list]) => {
    const { events, state } = given(start(), ...list.map(commandOf), close)
    const fold = new ConversationFold()
    for (const event of events) {
      fold.push(event)
      expect(new Set(fold.items.map(({ id }) => id)).size).toBe(fold.items.length)
    }
    expect(fold.items).toEqual(folded(events).items)
    const steps = turnsOf(fold.items).flatMap((turn) => turn.steps.map(({ step }) => step))
    expect(steps.filter((step) => step > 0)).toEqual(Array.from({ length: state.step }, (_, index) => index + 1))
    const said = fold.items.flatMap((item) => (item.kind === "user" ? [item.message_id] : []))
    expect(said.toSorted()).toEqual(state.messages.toSorted())
    expect(turnsOf(fold.items).every((turn) => turn.live === nothingLive)).toBe(true)
  },
  { arbitrary: { runs: 200 } }
)

it("shows no summary as something that was said", () => {
  const { events } = given(start(), begin("c1"), end("c1", ["t1"]), endTool("t1"), compacting("s1"), compacted("s1", 1))
  const [turn] = turnsOf(folded(events).items)
  expect(turn?.steps.at(-1)?.calls.map(({ purpose }) => purpose)).toEqual(["step", "compaction"])
})
