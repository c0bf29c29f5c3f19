/** Actors that crash in the middle of their work: every run has one end, and nothing that acts is done twice. */
import { createHash } from "node:crypto"
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { EventLog } from "@choiros/event-log"
import type { NewEvent } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { amy, type Computer, payloadOf, startComputer, unbalanced } from "../../test/computer.ts"
import type { Script } from "../../test/scripted-model/Script.ts"
import { logIn } from "../../test/server.ts"
import { scopeKey } from "../chat/scope.ts"
import { contextOf } from "./RunContext.ts"

/** Each run writes two lines with commands, a file, reads, and answers. Its lines name its thread, so each is once in the ledger. */
const work: Script = {
  turns: [
    {
      when: { step: 0 },
      chunks: { size: 4, delay_ms: 1 },
      answer: {
        text: "I begin with a command.",
        tool_calls: [{ name: "bash", args: { command: "echo '{{user}} one' >> ledger" } }]
      }
    },
    {
      when: { step: 1 },
      answer: {
        tool_calls: [
          { name: "write_file", args: { path: "{{user}}.txt", content: "{{user}}" } },
          { name: "read_file", args: { path: "{{user}}.txt" } },
          { name: "bash", args: { command: "echo '{{user}} two' >> ledger; sleep 0.05" } }
        ]
      }
    },
    { when: { step: 2 }, answer: { text: "done" } }
  ],
  default: { answer: { text: "here" } }
}

const ledgerOf = ({ workspace }: Computer): ReadonlyArray<string> => {
  const path = join(workspace, "ledger")
  return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : []
}

const threads = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    name: `${name}${index}`,
    scope: { ...amy, thread_id: `${name}${index}` }
  }))

/** No line twice, and every command that is said to have worked has its line. */
const actedOnce = Effect.fnUntraced(function* (computer: Computer) {
  const lines = ledgerOf(computer)
  expect(lines.filter((line, index) => lines.indexOf(line) !== index)).toEqual([])
  const events = yield* computer.events({}, ["tool.*", "worker.task.*"])
  const lineless = events.map(payloadOf).flatMap((result) => {
    if (result.tool_name !== "bash" || result.success !== true) return []
    // All that the log has of the call, for who reads of the failure.
    const all = events.filter((event) => payloadOf(event).call_id === result.call_id)
    const line = /echo '(.*?)'/.exec(JSON.stringify(all))?.[1] ?? "no command"
    return lines.includes(line) ? [] : [{ line, all, lines, now: ledgerOf(computer) }]
  })
  expect(lineless).toEqual([])
})

describe("actors that crash", () => {
  it.live(
    "a hundred times at random: runs end once, nothing acts twice, and others notice nothing",
    () =>
      Effect.gen(function* () {
        const computer = yield* startComputer(work)
        const shaken = threads("shaken", 30)
        const quiet = threads("quiet", 4)
        const paths = new Set<string>()
        let crashes = 0
        const chaos = Effect.gen(function* () {
          const crashed = new Map<string, number>()
          for (;;) {
            yield* Effect.sleep(Math.random() * 6)
            const runs = yield* computer.events({}, ["run.started"])
            const live = runs.filter((event) => String(event.thread_id).startsWith("shaken"))
            const chats = shaken.map(({ scope }) => `/session/chats/${encodeURIComponent(scopeKey(scope))}`)
            // Three in a run without progress would end it, as they should: that is another test.
            const targets = [...live.map((event) => `/session/runs/${event.run_id}`), ...chats].filter(
              (path) => (crashed.get(path) ?? 0) < 2
            )
            const path = targets[Math.floor(Math.random() * targets.length)]
            if (path === undefined || !(yield* computer.crash(path))) continue
            crashed.set(path, (crashed.get(path) ?? 0) + 1)
            paths.add(path)
            crashes += 1
          }
        })
        const shaking = yield* Effect.forkChild(chaos)
        // Wave after wave until it was shaken enough, each in new threads.
        yield* Effect.forEach(quiet, ({ name, scope }) => computer.say(name, { thread: scope }), {
          concurrency: "unbounded",
          discard: true
        })
        let waves = 0
        while (crashes < 100) {
          yield* Effect.forEach(
            shaken,
            ({ name, scope }) => computer.say(`${name}w${waves}`, { thread: scope, mode: "queue" }),
            { concurrency: "unbounded", discard: true }
          )
          waves += 1
          yield* computer.ended(30 * waves, {})
        }
        yield* Fiber.interrupt(shaking)
        const ends = (yield* computer.ended(30 * waves + 4, {})).map(({ answered, outcome }) => [outcome, answered])
        expect(ends.filter(([outcome]) => outcome !== "done")).toEqual([])
        expect(new Set(ends.flatMap(([, answered]) => answered)).size).toBe(30 * waves + 4)
        expect(unbalanced(yield* computer.events())).toEqual([])
        yield* actedOnce(computer)
        for (const { scope } of quiet) {
          expect(yield* computer.events(scope, ["run.resumed"])).toEqual([])
        }
        const crashed = (yield* computer.events({}, ["supervisor.child_crashed"])).map(payloadOf)
        expect(crashed.filter(({ path }) => !paths.has(String(path)))).toEqual([])
      }),
    60_000
  )

  it.live("because the log's writer did, with all that stands on it: runs go on, and end once", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer(work)
      const shaken = threads("shaken", 12)
      yield* Effect.forEach(shaken, ({ name, scope }) => computer.say(name, { thread: scope }), {
        concurrency: "unbounded",
        discard: true
      })
      yield* Effect.sleep(Math.random() * 150)
      expect(yield* computer.crash("/event-log")).toBe(true)
      const ends = (yield* computer.ended(12, {})).map(({ answered, outcome }) => [outcome, answered])
      expect(ends.filter(([outcome]) => outcome !== "done")).toEqual([])
      expect(new Set(ends.flatMap(([, answered]) => answered)).size).toBe(12)
      expect(unbalanced(yield* computer.events())).toEqual([])
      yield* actedOnce(computer)
    })
  )

  it.live(
    "again and again, are given up: the run ends as failed, all that it began ends too, and the thread goes on",
    () =>
      Effect.gen(function* () {
        const computer = yield* startComputer({
          turns: [
            {
              when: { contains: "loop" },
              answer: {
                tool_calls: [
                  { name: "list_files", args: {} },
                  { name: "bash", args: { command: "sleep 0.2" } }
                ]
              }
            }
          ],
          default: { answer: { text: "here" } }
        })
        yield* computer.say("loop")
        const [started] = yield* computer.logged("run.started")
        const path = `/session/runs/${started?.run_id}`
        // Each time after it has got further, so that it is its supervisor that loses patience, and not the run itself.
        for (let crash = 1; crash <= 6; crash++) {
          yield* computer.logged("run.resumed", crash - 1)
          const before = (yield* computer.events({}, ["tool.result"])).length
          yield* computer.logged("tool.result", before + 1)
          expect(yield* computer.crash(path)).toBe(true)
        }
        expect(yield* computer.ended()).toMatchObject([{ outcome: "failed", error: { kind: "gave_up" } }])
        expect((yield* computer.events({}, ["supervisor.gave_up"])).map(payloadOf)).toMatchObject([{ path }])
        expect(unbalanced(yield* computer.events())).toEqual([])
        yield* computer.say("are you there")
        expect((yield* computer.ended(2))[1]).toMatchObject({ outcome: "done" })
      })
  )

  it.live("without getting further: after the third resumption the run gives itself up", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ when: { contains: "hang" }, fail: { kind: "hang" } }],
        default: { answer: { text: "here" } }
      })
      yield* computer.say("hang")
      const [started] = yield* computer.logged("run.started")
      for (let crash = 1; crash <= 4; crash++) {
        yield* computer.logged("model.call_started", crash)
        yield* computer.crash(`/session/runs/${started?.run_id}`)
      }
      expect(yield* computer.ended()).toMatchObject([{ outcome: "failed", error: { kind: "gave_up" } }])
      expect(yield* computer.events({}, ["run.resumed"])).toHaveLength(3)
      expect(unbalanced(yield* computer.events())).toEqual([])
      yield* computer.say("are you there")
      expect((yield* computer.ended(2))[1]).toMatchObject({ outcome: "done" })
    })
  )

  it.live("of a thread that was given up are started anew for the next message", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { answer: { text: "here" } } })
      yield* computer.say("one")
      yield* computer.ended(1)
      const path = `/session/chats/${encodeURIComponent(scopeKey(amy))}`
      for (let crash = 1; crash <= 6; crash++) {
        expect(yield* computer.crash(path)).toBe(true)
        yield* crash <= 5 ? computer.logged("supervisor.child_restarted", crash) : computer.logged("supervisor.gave_up")
      }
      yield* computer.say("two")
      expect((yield* computer.ended(2))[1]).toMatchObject({ outcome: "done" })
    })
  )

  it.live(
    "that tell of ends and close what was lost: a message that waits goes on, a command that runs is left alone",
    () =>
      Effect.gen(function* () {
        const computer = yield* startComputer({
          turns: [
            {
              when: { contains: "first" },
              times: 1,
              answer: {
                tool_calls: [
                  { name: "bash", args: { command: "touch up; until [ -e go ]; do sleep 0.02; done; echo released" } }
                ]
              }
            }
          ],
          default: { answer: { text: "here" } }
        })
        yield* computer.say("first")
        yield* computer.logged("worker.task.started")
        yield* computer.say("second", { mode: "queue" })
        for (const path of ["/run-endings", "/recovery"]) {
          expect(yield* computer.crash(path)).toBe(true)
        }
        yield* computer.logged("supervisor.child_restarted", 2)
        writeFileSync(join(computer.workspace, "go"), "")
        expect((yield* computer.ended(2)).map(({ outcome }) => outcome)).toEqual(["done", "done"])
        expect((yield* computer.events({}, ["tool.result"])).map(payloadOf)).toMatchObject([{ output: "released\n" }])
        expect(unbalanced(yield* computer.events())).toEqual([])
      })
  )
})

describe("tool calls that a dead process had begun", () => {
  it.live("a read runs again, a write is decided by its hashes, anything else stays unknown", () =>
    Effect.gen(function* () {
      const before = yield* startComputer({ turns: [{ fail: { kind: "hang" } }] })
      yield* before.say("go")
      yield* before.model.request(0)
      const [started] = yield* before.logged("run.started")
      const [call] = yield* before.logged("model.call_started")
      const context = contextOf(started ?? call ?? unreachable())
      const { call_id, step } = payloadOf(call ?? unreachable())
      const scope = { session_id: amy.session_id, thread_id: amy.thread_id }
      const sha256 = (text: string) => createHash("sha256").update(text).digest("hex")
      const begun = (
        name: string,
        tool_name: string,
        args: object,
        effect: "read" | "write" | "other",
        hashes = {}
      ) => [
        {
          ...context,
          event_type: "tool.call" as const,
          payload: {
            call_id: name,
            step: Number(step),
            tool_name,
            tool_args: JSON.stringify(args),
            reasoning: null,
            scope
          }
        },
        {
          ...context,
          event_type: "tool.started" as const,
          payload: { call_id: name, tool_name, effect, ...hashes }
        }
      ]
      const write = (path: string) =>
        begun(path, "write_file", { path, content: "new" }, "write", {
          path,
          before_hash: sha256("old"),
          after_hash: sha256("new")
        })
      const events = [
        {
          ...context,
          event_type: "model.call_ended" as const,
          payload: {
            call_id: String(call_id),
            step: Number(step),
            finish_reason: "tool_calls",
            text: "",
            input_tokens: null,
            output_tokens: null,
            cost: null,
            duration_ms: 1,
            error: null
          }
        },
        ...["done", "not-done", "changed"].flatMap(write),
        ...begun("read", "read_file", { path: "done" }, "read"),
        ...begun("command", "bash", { command: "touch never" }, "other")
      ]
      writeFileSync(join(before.workspace, "done"), "new")
      writeFileSync(join(before.workspace, "not-done"), "old")
      writeFileSync(join(before.workspace, "changed"), "by someone else")
      chmodSync(join(before.workspace, "not-done"), 0o666)
      yield* before.end
      yield* appendTo(before.folder, events)
      const computer = yield* startComputer({ default: { answer: { text: "I see" } } }, { after: before })
      expect(yield* computer.ended()).toMatchObject([{ outcome: "done" }])
      const results = (yield* computer.events({}, ["tool.result"])).map(payloadOf)
      const outcomes = results.map((result) => [result.call_id, result.outcome, result.output ?? result.error])
      expect(Object.fromEntries(outcomes.map(([name, ...rest]) => [name, rest]))).toEqual({
        done: ["ok", "Wrote done"],
        "not-done": ["ok", "Replaced not-done (3 bytes)"],
        changed: ["unknown", "interrupted: outcome unknown"],
        read: ["ok", "new"],
        command: ["unknown", "interrupted: outcome unknown"]
      })
      expect(readFileSync(join(computer.workspace, "not-done"), "utf8")).toBe("new")
      expect(readFileSync(join(computer.workspace, "changed"), "utf8")).toBe("by someone else")
      expect(existsSync(join(computer.workspace, "never"))).toBe(false)
      // The model is told, each result beside its call.
      expect(JSON.stringify(computer.model.requests[0]?.body)).toContain("interrupted: outcome unknown")
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )
})

const unreachable = (): never => {
  throw new Error("It is not in the log")
}

const appendTo = (folder: string, events: ReadonlyArray<NewEvent>) =>
  Effect.flatMap(EventLog, (log) => log.append(events)).pipe(Effect.provide(logIn(folder)))
