/** More than one message at a time: what a thread does with them while a run works for it. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Event, isEvent } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { amy, type Computer, payloadOf, startComputer, unbalanced } from "../../test/computer.ts"
import type { Turn } from "../../test/scripted-model/Script.ts"

const says = (text: string): typeof Turn.Type => ({ answer: { text } })
const bash = (command: string): typeof Turn.Type => ({ answer: { tool_calls: [{ name: "bash", args: { command } }] } })
/** A command that ends when `release` lets it. */
const waits = bash("echo $$ > pid; until [ -e go ]; do sleep 0.02; done; echo released")
const release = ({ workspace }: Computer) => Effect.sync(() => writeFileSync(join(workspace, "go"), ""))
const patient: typeof Turn.Type = { fail: { kind: "status", status: 429, headers: { "retry-after": "60" } } }

/** Runs, each with the texts of the messages that its end answered. */
const answers = (events: ReadonlyArray<Event>) => {
  const texts = new Map(
    events.flatMap((event) =>
      isEvent(event, "chat.user_msg") ? [[event.payload.message_id, event.payload.text] as const] : []
    )
  )
  return events.flatMap((event) =>
    isEvent(event, "run.ended")
      ? [[event.payload.outcome, ...event.payload.answered.map((id) => texts.get(id) ?? "not a message")]]
      : []
  )
}

const settled = Effect.fnUntraced(function* (computer: Computer) {
  const events = yield* computer.events()
  expect(unbalanced(events)).toEqual([])
  return answers(events)
})

const usersOf = ({ model }: Computer, index: number): ReadonlyArray<unknown> => {
  const { messages } = Object(model.requests[index]?.body) as {
    readonly messages: ReadonlyArray<Record<string, unknown>>
  }
  return messages.filter(({ role }) => role === "user").map(({ content }) => content)
}

/** Ended, whether or not whoever inherited it has collected it yet. */
const isGone = (pid: number): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return true
  }
}

describe("a message to a run that works", () => {
  it.live("in the middle of a model call is shown to the model at the next step", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [{ think_ms: 500, answer: { text: "one" } }, says("both")] })
      yield* computer.say("first")
      yield* computer.model.request(0)
      yield* computer.say("second")
      yield* computer.ended()
      expect(yield* settled(computer)).toEqual([["done", "first", "second"]])
      expect(usersOf(computer, 1)).toEqual(["first", "second"])
    })
  )

  it.live("in the middle of a tool comes after the tool's result", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [waits, says("done")] })
      yield* computer.say("first")
      yield* computer.logged("worker.task.started")
      yield* computer.say("second")
      yield* release(computer)
      yield* computer.ended()
      expect(yield* settled(computer)).toEqual([["done", "first", "second"]])
      const { messages } = Object(computer.model.requests[1]?.body) as { messages: ReadonlyArray<{ role: string }> }
      expect(messages.map(({ role }) => role)).toEqual(["system", "user", "assistant", "tool", "user"])
    })
  )

  it.live("that waits before a retry is a reason to wait no longer", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [patient, says("here")] })
      yield* computer.say("first")
      yield* computer.logged("model.call_ended")
      yield* computer.say("second")
      yield* computer.ended()
      expect(yield* settled(computer)).toEqual([["done", "first", "second"]])
    })
  )

  it.live("at its very end belongs to it or to the next, and is answered once", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: says("ok") })
      const threads = Array.from({ length: 60 }, (_, index) => ({ ...amy, thread_id: `t${index}` }))
      yield* Effect.forEach(
        threads,
        (thread, index) =>
          Effect.gen(function* () {
            yield* computer.say("first", { thread })
            // Each thread a little later than the one before: from long before the end to long after it.
            yield* computer.logged("model.call_started", 1, thread)
            for (let turn = 0; turn < index * 3; turn++) yield* Effect.yieldNow
            yield* computer.say("second", { thread })
          }),
        { concurrency: 6, discard: true }
      )
      for (const thread of threads) {
        const events = yield* Effect.gen(function* () {
          for (let count = 1; ; count++) {
            yield* computer.ended(count, thread)
            const all = yield* computer.events(thread)
            if (answers(all).flatMap(([, ...texts]) => texts).length >= 2) return all
          }
        })
        expect(unbalanced(events)).toEqual([])
        expect(answers(events).flatMap(([, ...texts]) => texts)).toEqual(["first", "second"])
      }
    })
  )
})

describe("a message that is to wait", () => {
  it.live("gets a run of its own after the one that works, in the order of the messages", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [waits], default: says("ok") })
      yield* computer.say("first")
      yield* computer.logged("worker.task.started")
      yield* computer.say("second", { mode: "queue" })
      yield* computer.say("third", { mode: "queue" })
      yield* release(computer)
      yield* computer.ended(3)
      expect(yield* settled(computer)).toEqual([
        ["done", "first"],
        ["done", "second"],
        ["done", "third"]
      ])
      expect(usersOf(computer, 3)).toEqual(["first", "second", "third"])
    })
  )

  it.live("is still there after a restart, whole", () =>
    Effect.gen(function* () {
      const before = yield* startComputer({ turns: [waits] })
      const long = "y".repeat(100_000)
      yield* before.say("first")
      yield* before.logged("worker.task.started")
      yield* before.say(long, { mode: "queue" })
      const computer = yield* startComputer({ default: says("ok") }, { after: before })
      yield* computer.ended(2)
      expect(yield* computer.events({}, ["chat.assistant_msg"])).toHaveLength(2)
      expect(usersOf(computer, 1).at(-1)).toBe(long)
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("is answered with the stop when all is stopped, also for good", () =>
    Effect.gen(function* () {
      const before = yield* startComputer({ turns: [waits] })
      yield* before.say("first")
      yield* before.logged("worker.task.started")
      yield* before.say("second", { mode: "queue" })
      yield* before.stop
      yield* before.ended(2)
      expect((yield* settled(before)).toSorted()).toEqual([
        ["stopped", "first"],
        ["stopped", "second"]
      ])
      const computer = yield* startComputer({ default: says("ok") }, { after: before })
      yield* computer.say("third")
      yield* computer.ended(3)
      expect((yield* settled(computer)).at(-1)).toEqual(["done", "third"])
    })
  )
})

describe("stop and send", () => {
  it.live("stops the run that works, and goes before what waits", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [waits], default: says("ok") })
      yield* computer.say("first")
      yield* computer.logged("worker.task.started")
      yield* computer.say("second", { mode: "queue" })
      yield* computer.say("third", { mode: "replace" })
      yield* computer.ended(3)
      expect(yield* settled(computer)).toEqual([
        ["stopped", "first"],
        ["done", "third"],
        ["done", "second"]
      ])
    })
  )
})

describe("stop", () => {
  it.live("in the middle of a model call hangs up", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ fail: { kind: "hang", after_chunks: 2 } }],
        default: says("ok")
      })
      yield* computer.say("first")
      const asked = yield* computer.model.request(0)
      yield* computer.stop
      expect(yield* Effect.promise(() => asked.ended)).toBe("aborted")
      yield* computer.ended()
      yield* computer.say("second")
      yield* computer.ended(2)
      expect(yield* settled(computer)).toEqual([
        ["stopped", "first"],
        ["done", "second"]
      ])
    })
  )

  it.live("in the middle of a command ends its whole process group", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [bash("sleep 1000 & echo $! > pid; echo up; wait")] })
      yield* computer.say("first")
      yield* computer.logged("worker.task.started")
      const pid = yield* Effect.promise(async () => {
        for (;;) {
          try {
            const text = readFileSync(join(computer.workspace, "pid"), "utf8")
            if (text.endsWith("\n")) return Number(text)
          } catch {
            // Not there yet.
          }
          await new Promise((resolve) => setTimeout(resolve, 5))
        }
      })
      process.kill(pid, 0)
      yield* computer.stop
      yield* computer.ended()
      expect(isGone(pid)).toBe(true)
      expect((yield* computer.events({}, ["tool.result"])).map(payloadOf)).toMatchObject([{ outcome: "cancelled" }])
      expect((yield* computer.events({}, ["worker.task.*"])).map((event) => event.event_type)).toEqual([
        "worker.task.started",
        "worker.task.cancelled"
      ])
      expect(yield* settled(computer)).toEqual([["stopped", "first"]])
    })
  )

  it.live("in the wait before a retry does not wait", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [patient] })
      yield* computer.say("first")
      yield* computer.logged("model.call_ended")
      yield* computer.stop
      yield* computer.ended()
      expect(yield* settled(computer)).toEqual([["stopped", "first"]])
    })
  )

  it.live("with nothing to stop is no failure", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: says("ok") })
      yield* computer.stop
      yield* computer.say("first")
      yield* computer.ended()
      yield* computer.stop
      expect(yield* settled(computer)).toEqual([["done", "first"]])
    })
  )
})
