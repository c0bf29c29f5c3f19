/** What is asked of runs over HTTP is answered while their model says nothing at all. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { amy, type Computer, payloadOf, startComputer, unbalanced } from "../../test/computer.ts"
import { startServer } from "../../test/server.ts"
import { deltaTopic } from "../chat/ephemeral.ts"
import { runRoutes } from "./routes.ts"
import { taskRoutes } from "./taskRoutes.ts"

const Begun = Schema.Struct({ run_id: Schema.String, status: Schema.Literal("accepted") })
const Accepted = Schema.Struct({ task_id: Schema.String, status: Schema.Literal("accepted") })

describe("a model that hangs", () => {
  it.live("keeps nobody waiting who begins, looks at, steers, pauses or stops a run", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { fail: { kind: "hang" } } })
      const rooms = yield* Effect.provideContext(Effect.all([runRoutes, taskRoutes]), computer.context)
      const { request } = yield* startServer(rooms.flat())
      const begin = (objective: string) =>
        Effect.map(request("POST", "/runs", { objective, actor_id: "amy" }), ({ body, status }) => {
          expect(status).toBe(202)
          return Schema.decodeUnknownSync(Begun)(body).run_id
        })

      const first = yield* begin("wait for an answer")
      // Its call is out, and stays so.
      yield* computer.model.request(0)
      const second = yield* begin("wait for another")
      const delegated = yield* request("POST", "/tasks", {
        kind: "agent",
        payload: { objective: "wait as well" },
        actor_id: "amy"
      })
      expect(delegated.status).toBe(202)
      const { task_id } = Schema.decodeUnknownSync(Accepted)(delegated.body)
      yield* computer.model.request(2)

      const seen = yield* request("GET", `/runs/${first}`)
      expect(seen.body).toMatchObject({ run: { run_id: first, phase: expect.any(String), ended_at: null } })
      expect((yield* request("POST", `/runs/${first}/steer`, { text: "hurry" })).status).toBe(200)
      expect((yield* request("POST", `/runs/${first}/pause`, {})).status).toBe(200)
      expect((yield* request("POST", `/runs/${first}/resume`, {})).status).toBe(200)
      for (const run_id of [first, second]) {
        expect((yield* request("POST", `/runs/${run_id}/cancel`, {})).status).toBe(200)
      }
      expect((yield* request("POST", `/tasks/${task_id}/cancel`, {})).status).toBe(200)

      yield* computer.logged("run.ended", 3)
      // None of the calls has ever been answered.
      for (const { ended } of computer.model.requests) expect(yield* Effect.promise(() => ended)).toBe("aborted")
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )
})

describe("a model that is cut off in mid-sentence", () => {
  const speaking = {
    default: {
      chunks: { size: 8 },
      answer: { text: "This was said, and nobody may lose it" },
      fail: { kind: "hang" as const, after_chunks: 3 }
    }
  }

  /** Somebody has seen the first words; no checkpoint has them yet, or has had the time to. */
  const heard = (computer: Computer) =>
    Effect.gen(function* () {
      const subscription = yield* computer.log.subscribe({ topics: [deltaTopic], ephemeral: true })
      let seen = ""
      while (seen.length < 16) {
        for (const item of yield* subscription.take) {
          if (item._tag === "Ephemeral") seen = String(Object(item.frame.current ?? item.frame.payload).text)
        }
      }
      return seen
    }).pipe(Effect.scoped)

  const stored = (computer: Computer) =>
    Effect.map(computer.events(amy, ["model.text", "model.call_ended"]), (events) =>
      events.map((event) => payloadOf(event).text).join("")
    )

  it.live("by Stop: the log has what was seen", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer(speaking)
      yield* computer.say("tell me")
      const seen = yield* heard(computer)
      yield* computer.stop
      expect(yield* computer.ended()).toMatchObject([{ outcome: "stopped" }])
      expect((yield* stored(computer)).startsWith(seen)).toBe(true)
    })
  )

  it.live("by Pause: the log has what was seen", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer(speaking)
      const rooms = yield* Effect.provideContext(runRoutes, computer.context)
      const { request } = yield* startServer(rooms)
      yield* computer.say("tell me")
      const seen = yield* heard(computer)
      const [started] = yield* computer.logged("run.started")
      expect((yield* request("POST", `/runs/${started?.run_id}/pause`, {})).status).toBe(200)
      expect((yield* stored(computer)).startsWith(seen)).toBe(true)
    })
  )
})
