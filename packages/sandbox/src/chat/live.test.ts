/** What a browser shows while it happens, and what it reads afterwards: the same folds over the same log. */
import {
  byAttention,
  type ChoirState,
  ConversationFold,
  type Event,
  evolveChoirAll,
  initialChoir,
  isEvent,
  RunsReply,
  seedChoir
} from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { amy, type Computer, startComputer } from "../../test/computer.ts"
import { startServer, type TestServer } from "../../test/server.ts"
import { approvalRoutes } from "../approvals/approvalRoutes.ts"
import { desktopRoutes } from "../desktop/routes.ts"
import { runRoutes } from "../runs/routes.ts"
import { chatRoutes } from "./routes.ts"

const serve = (computer: Computer) =>
  Effect.all([runRoutes, chatRoutes, approvalRoutes, desktopRoutes]).pipe(
    Effect.provideContext(computer.context),
    Effect.flatMap((rooms) => startServer(rooms.flat()))
  )

const runsOf = (server: TestServer, query = "") =>
  Effect.map(server.request("GET", `/runs${query}`), ({ body }) => Schema.decodeUnknownSync(RunsReply)(body))

const cardsOf = (choir: ChoirState) => [...choir.cards.values()].toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1))

const bash = (command: string) => ({ tool_calls: [{ name: "bash", args: { command } }] })

describe("a conversation", () => {
  it.live("that was watched is the one that is read afterwards, and its words came before the log had them", () =>
    Effect.gen(function* () {
      const text = "A long answer, said in many small pieces, so that some of them come before their checkpoint. "
      const computer = yield* startComputer({
        turns: [
          {
            chunks: { size: 6, delay_ms: 15 },
            answer: { reasoning: "I think about it, piece by piece, for a while.", text, ...bash("echo hello") }
          },
          { fail: { kind: "cut", after_chunks: 3 }, chunks: { size: 4 }, answer: { text: "It breaks in the middle" } },
          { chunks: { size: 6, delay_ms: 15 }, answer: { text: text.repeat(2) } }
        ]
      })
      const subscription = yield* computer.log.subscribe({ topics: [">"], scope: amy, ephemeral: true })
      const live = new ConversationFold()
      let early = 0
      let choir = initialChoir
      yield* computer.say("go on")
      for (let over = false; !over; ) {
        for (const item of yield* subscription.take) {
          if (item._tag === "Ephemeral") live.delta(item.frame.payload)
          if (item._tag !== "Event") continue
          live.push(item.event)
          choir = evolveChoirAll(choir, [item.event])
          over ||= isEvent(item.event, "run.ended")
        }
        const turn = live.items.findLast((item) => item.kind === "turn")
        if (turn?.kind === "turn" && turn.live.text + turn.live.reasoning !== "") {
          early += 1
          // Lined up with what its call has in the log: one text, without a hole.
          const call = turn.steps.at(-1)?.calls.at(-1)
          expect(call?.call_id).toBe(turn.live.message_id)
          const said = `${call?.text}${turn.live.text}`
          const broken = "It breaks in the middle"
          expect(text.repeat(2).startsWith(said) || broken.startsWith(said)).toBe(true)
        }
      }
      expect(early).toBeGreaterThan(0)
      const events = yield* computer.events(amy)
      const read = new ConversationFold()
      for (const event of events) read.push(event)
      expect(live.items).toEqual(read.items)
      expect(read.items).toMatchObject([
        { kind: "user", text: "go on", state: "taken" },
        {
          kind: "turn",
          phase: "done",
          live: { message_id: null, text: "", reasoning: "" },
          answer: { text: text.repeat(2) },
          steps: [
            {},
            {
              calls: [{ text, reasoning: "I think about it, piece by piece, for a while." }],
              tools: [{ result: { success: true }, work: [{ command: "echo hello", status: "completed" }] }]
            },
            { calls: [{ error: { kind: expect.any(String) } }, { text: text.repeat(2) }] }
          ]
        }
      ])
      const server = yield* serve(computer)
      expect(cardsOf(seedChoir(initialChoir, (yield* runsOf(server)).runs))).toEqual(cardsOf(choir))
    })
  )

  it.live("is sent to with a mode, and a message that is sent again is answered and not taken again", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ when: { contains: "hang" }, fail: { kind: "hang" } }],
        default: { answer: { text: "here" } }
      })
      const server = yield* serve(computer)
      const send = (body: Readonly<Record<string, unknown>>) =>
        Effect.map(server.request("POST", "/chat/send", { actor_id: "amy", user_id: "me", ...body }), (reply) => {
          expect(reply.status).toBe(200)
          return String(Object(reply.body).message_id)
        })
      const first = yield* send({ text: "hang", client_message_id: "one" })
      yield* computer.model.request(0)
      expect(yield* send({ text: "hang", client_message_id: "one" })).toBe(first)
      const queued = yield* send({ text: "after", mode: "queue", client_message_id: "two" })
      expect(yield* send({ text: "after", mode: "queue", client_message_id: "two" })).toBe(queued)
      const replacing = yield* send({ text: "now", mode: "replace" })
      expect((yield* computer.ended(3)).map(({ answered }) => answered)).toEqual([[first], [replacing], [queued]])
      expect(yield* computer.events(amy, ["chat.user_msg"])).toHaveLength(3)
      const refused = yield* server.request("POST", "/chat/send", {
        actor_id: "amy",
        user_id: "me",
        text: "x",
        mode: "shout"
      })
      expect(refused.status).toBe(422)
    })
  )
})

describe("what a browser begins with", () => {
  it.live("is folded to a place in the log, and goes on from there as if it had seen all", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [
          { when: { contains: "hang" }, fail: { kind: "hang" } },
          { answer: { text: "I look.", ...bash("ls") } },
          { answer: { text: "Seen." } }
        ]
      })
      const server = yield* serve(computer)
      yield* computer.say("look")
      yield* computer.ended()
      const { run_id } = yield* computer.begin("hang", "code")
      yield* computer.model.request(2)
      const { runs, seq } = yield* runsOf(server)
      expect(runs.map(({ phase }) => phase)).toEqual(["working", "done"])
      expect(seq).toBeGreaterThanOrEqual(runs[0]?.card.last_seq ?? Number.NaN)
      const seeded = seedChoir(initialChoir, runs)
      yield* server.request("POST", `/runs/${run_id}/cancel`)
      yield* computer.ended(1, {})
      yield* computer.logged("run.ended", 2)
      const all: ReadonlyArray<Event> = yield* computer.events()
      const whole = evolveChoirAll(initialChoir, all)
      expect(cardsOf(evolveChoirAll(seeded, all))).toEqual(cardsOf(whole))
      expect(cardsOf(seedChoir(initialChoir, (yield* runsOf(server)).runs))).toEqual(cardsOf(whole))
      expect(byAttention(whole.cards.values(), Date.now()).map(({ phase }) => phase)).toEqual(["stopped", "done"])

      const seqOf = (path: string) =>
        Effect.map(server.request("GET", path), ({ body }): unknown => Object(body).seq as unknown)
      const head = yield* computer.log.head
      for (const path of ["/approvals", "/questions", "/chat/amy/threads"]) expect(yield* seqOf(path)).toBe(head)
      expect(yield* seqOf("/desktop/d")).toBe(0)
      const opened = yield* server.request("POST", "/desktop/d/windows", { app_id: "chat", title: "Chat" })
      expect(opened.status).toBe(200)
      expect(yield* seqOf("/desktop/d")).toBe(yield* computer.log.head)
    })
  )

  it.live("of a retry and a fork has what they took over; what was erased is gone from it", () =>
    Effect.gen(function* () {
      const parts = [{ id: "a", objective: "Look", agent: "research" }]
      const computer = yield* startComputer({
        turns: [{ answer: { tool_calls: [{ name: "plan", args: { parts } }] } }],
        default: { answer: { text: "a secret word" } }
      })
      const server = yield* serve(computer)
      const { run_id } = yield* computer.begin("do it", "conductor")
      const endOf = (id: string) => computer.ended(1, { thread_id: `run:${id}` })
      yield* endOf(run_id)
      const forked = yield* server.request("POST", `/runs/${run_id}/fork`, { from_step: 2 })
      const fork_id = String(Object(forked.body).run_id)
      yield* endOf(fork_id)
      const fork = (yield* runsOf(server)).runs.find((run) => run.run_id === fork_id)
      expect(cardsOf(seedChoir(initialChoir, fork === undefined ? [] : [fork]))).toMatchObject([
        { plan: { total: 1, done: 1 }, phase: "done", lines: ["a secret word", "a secret word"] }
      ])
      yield* computer.log.erase({ run_id: fork_id, types: ["model.*", "worker.task.*"] }, (events) => ({
        actor_id: "me",
        event_type: "system.erased",
        payload: { selector: { run_id: fork_id }, events }
      }))
      const after = (yield* runsOf(server)).runs.find((run) => run.run_id === fork_id)
      expect(after?.card.lines).toEqual([])
    })
  )
})
