/** Runs and tasks over HTTP: every door, what it opens to, and what it says when it does not. */
import { cpSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { amy, type Computer, payloadOf, startComputer, unbalanced } from "../../test/computer.ts"
import type { Turn as TurnSchema } from "../../test/scripted-model/Script.ts"
import { startServer, type TestServer, temporaryFolder } from "../../test/server.ts"
import { outputRoutes } from "./outputRoute.ts"
import { StartMode } from "./recovery.ts"
import { runRoutes } from "./routes.ts"
import { taskRoutes } from "./taskRoutes.ts"

type Turn = typeof TurnSchema.Type

const says = (text: string) => ({ text })
const bash = (command: string) => ({ tool_calls: [{ name: "bash", args: { command } }] })
const hangs: Turn = { when: { contains: "hang" }, fail: { kind: "hang" } }

const serve = (computer: Computer) =>
  Effect.all([runRoutes, outputRoutes, taskRoutes]).pipe(
    Effect.provideContext(computer.context),
    Effect.flatMap((rooms) => startServer(rooms.flat()))
  )

const bodyOf = (reply: { readonly body: unknown }): Readonly<Record<string, unknown>> => Object(reply.body)
const listOf = (value: unknown): ReadonlyArray<Readonly<Record<string, unknown>>> => (Array.isArray(value) ? value : [])

const begin = (server: TestServer, body: Readonly<Record<string, unknown>>) =>
  Effect.map(server.request("POST", "/runs", { actor_id: "amy", ...body }), (reply) => {
    expect(reply.status).toBe(202)
    return String(bodyOf(reply).run_id)
  })

const runOf = (server: TestServer, run_id: string) =>
  Effect.map(server.request("GET", `/runs/${run_id}`), (reply) => Object(bodyOf(reply).run))

const endOf = (computer: Computer, run_id: string) =>
  Effect.gen(function* () {
    const subscription = yield* computer.log.subscribe({ topics: ["run.ended"], since: 0 })
    for (;;) {
      for (const item of yield* subscription.take) {
        if (item._tag === "Event" && item.event.run_id === run_id) return payloadOf(item.event)
      }
    }
  }).pipe(Effect.scoped, Effect.orDie)

const statusOf = (server: TestServer, method: string, path: string, body?: unknown) =>
  Effect.map(server.request(method, path, body), (reply) => [reply.status, bodyOf(reply).error ?? null])

describe("GET /runs/{id}/outputs/{call_id}", () => {
  it.live("gives the whole of a cut output, in pieces that hold whole characters", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ when: { step: 0 }, answer: bash("printf 'é%.0s' $(seq 1 60000)") }, { answer: says("done") }]
      })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "go" })
      yield* endOf(computer, run_id)
      const [event] = yield* computer.log.read({ run_id, types: ["tool.result"] })
      const call_id = String(Object(event?.payload).call_id)
      const texts: Array<string> = []
      let next: unknown = 0
      while (typeof next === "number") {
        const { body } = yield* server.request("GET", `/runs/${run_id}/outputs/${call_id}?limit=49999&offset=${next}`)
        texts.push(String(bodyOf({ body }).text))
        next = bodyOf({ body }).next_offset
      }
      expect(texts.length).toBe(3)
      expect(texts.join("")).toBe("é".repeat(60_000))
      expect(yield* statusOf(server, "GET", `/runs/${run_id}/outputs/nope`)).toEqual([404, "Output not found: nope"])
    }).pipe(Effect.scoped)
  )
})

describe("POST /runs", () => {
  it.live("is accepted while the model says nothing, and the run can be looked at and stopped", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs] })
      const server = yield* serve(computer)
      const reply = yield* server.request("POST", "/runs", { actor_id: "amy", objective: "hang" })
      expect(reply.status).toBe(202)
      const run_id = String(bodyOf(reply).run_id)
      expect(bodyOf(reply)).toMatchObject({ success: true, status: "accepted", message_id: run_id })
      yield* computer.model.request(0)
      expect(yield* runOf(server, run_id)).toMatchObject({
        phase: "working",
        objective: "hang",
        agent: "chat",
        steps: 1
      })
      expect(yield* statusOf(server, "POST", `/runs/${run_id}/cancel`)).toEqual([200, null])
      expect(yield* endOf(computer, run_id)).toMatchObject({ outcome: "stopped" })
      expect(yield* runOf(server, run_id)).toMatchObject({ phase: "stopped", ended_at: expect.any(String) })
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/cancel`))[0]).toBe(409)
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("begins once by the id of its message, however often it is asked", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs] })
      const server = yield* serve(computer)
      const ask = (client_message_id: string, actor_id = "amy") =>
        server.request("POST", "/runs", { actor_id, objective: "hang", client_message_id })
      const replies = yield* Effect.all([ask("one"), ask("one"), ask("one")], { concurrency: "unbounded" })
      const first = bodyOf(replies[0])
      for (const reply of [...replies, yield* ask("one")]) expect([reply.status, bodyOf(reply)]).toEqual([202, first])
      const others = [bodyOf(yield* ask("two")).run_id, bodyOf(yield* ask("one", "bob")).run_id]
      const started = yield* computer.events({}, ["run.started"])
      expect(started.map(({ run_id }) => run_id)).toEqual([first.run_id, ...others])

      const { session_id, thread_id } = first
      const inThread = { actor_id: "amy", objective: "more", client_message_id: "three", session_id, thread_id }
      const said = yield* Effect.all([
        server.request("POST", "/runs", inThread),
        server.request("POST", "/runs", inThread)
      ])
      expect(bodyOf(said[1]).message_id).toBe(bodyOf(said[0]).message_id)
      expect(yield* statusOf(server, "POST", "/runs/stop-all")).toEqual([200, null])
    })
  )

  it.live("refuses what can't be, in words", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { answer: says("here") } })
      const server = yield* serve(computer)
      const refused = (body: Readonly<Record<string, unknown>>) => statusOf(server, "POST", "/runs", body)
      expect((yield* refused({ actor_id: "amy", objective: "  " }))[0]).toBe(400)
      expect((yield* refused({ actor_id: "amy", objective: "x", session_id: "s" }))[0]).toBe(400)
      expect(yield* refused({ actor_id: "amy", objective: "x", agent: "nobody" })).toEqual([
        422,
        expect.stringContaining('"nobody"')
      ])
      expect((yield* refused({ actor_id: "amy", objective: "x", model: "nobody/knows" }))[0]).toBe(422)
      expect((yield* refused({ objective: "x" }))[0]).toBe(422)
      expect((yield* refused({ actor_id: "amy", objective: "x", budget: { steps: -1 } }))[0]).toBe(422)
      expect(yield* computer.events({}, ["run.started"])).toEqual([])
    })
  )

  it.live("in a thread that is busy waits for its turn", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs], default: { answer: says("here") } })
      const server = yield* serve(computer)
      yield* computer.say("hang")
      yield* computer.model.request(0)
      const { session_id, thread_id } = amy
      const queued = yield* server.request("POST", "/runs", {
        actor_id: "amy",
        objective: "next",
        session_id,
        thread_id
      })
      expect([queued.status, bodyOf(queued)]).toMatchObject([202, { run_id: null, status: "queued", session_id }])
      const alone = { actor_id: "amy", objective: "next", session_id, thread_id, agent: "code" }
      expect(yield* statusOf(server, "POST", "/runs", alone)).toEqual([422, expect.stringContaining("agent")])
      const [first] = yield* computer.logged("run.started")
      yield* server.request("POST", `/runs/${first?.run_id}/cancel`)
      expect((yield* computer.ended(2)).map(({ outcome }) => outcome)).toEqual(["stopped", "done"])
    })
  )

  it.live("may begin paused, and goes on when it is let", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { answer: says("here") } })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "later", paused: true })
      expect(yield* runOf(server, run_id)).toMatchObject({ phase: "paused", steps: 0 })
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/pause`))[0]).toBe(409)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/resume`))[0]).toBe(200)
      expect(yield* endOf(computer, run_id)).toMatchObject({ outcome: "done" })
    })
  )
})

describe("a run", () => {
  it.live("that is not there is 404 at every door", () =>
    Effect.gen(function* () {
      const server = yield* serve(yield* startComputer({ default: { answer: says("here") } }))
      const doors: ReadonlyArray<readonly [string, string, unknown?]> = [
        ["GET", ""],
        ["GET", "/timeline"],
        ["POST", "/cancel"],
        ["POST", "/pause"],
        ["POST", "/resume", { reason: "please" }],
        ["POST", "/steer", { text: "x" }],
        ["POST", "/retry", {}],
        ["POST", "/fork", {}],
        ["PUT", "/plan", { revision: 0, parts: [{ id: "a", objective: "x", agent: "research", after: [] }] }],
        ["POST", "/budget", { kind: "steps", limit: 5 }]
      ]
      for (const [method, path, body] of doors) {
        const [status, error] = yield* statusOf(server, method, `/runs/nobody${path}`, body)
        expect([path, status, error]).toEqual([path, 404, "Run not found: nobody"])
      }
    })
  )

  it.live("that has ended says so, and its timeline has its steps", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ when: { step: 0 }, answer: bash("echo hello") }],
        default: { answer: says("said") }
      })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "greet" })
      yield* endOf(computer, run_id)
      for (const [method, path, body] of [
        ["POST", "/cancel"],
        ["POST", "/pause"],
        ["POST", "/resume"],
        ["POST", "/steer", { text: "x" }],
        ["PUT", "/plan", { revision: 0, parts: [{ id: "a", objective: "x", agent: "research", after: [] }] }],
        ["POST", "/budget", { kind: "steps", limit: 5 }]
      ] as const) {
        expect([path, (yield* statusOf(server, method, `/runs/${run_id}${path}`, body))[0]]).toEqual([path, 409])
      }
      const timeline = yield* server.request("GET", `/runs/${run_id}/timeline`)
      expect(listOf(bodyOf(timeline).steps)).toMatchObject([
        { step: 0 },
        { step: 1, tools: [{ result: { output: "hello\n" } }], calls: [{ error: null }] },
        { step: 2, calls: [{ text: "said" }] }
      ])
    })
  )

  it.live("is steered, once however often it is sent; and is paused and resumed", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ ...hangs, times: 1 }],
        default: { answer: says("both") }
      })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "hang" })
      yield* computer.model.request(0)
      const word = { text: "and this", client_message_id: "c1" }
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/steer`, word))[0]).toBe(200)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/steer`, word))[0]).toBe(200)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/steer`, {}))[0]).toBe(422)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/pause`, { reason: "lunch" }))[0]).toBe(200)
      expect(yield* runOf(server, run_id)).toMatchObject({ phase: "paused", reason: "lunch" })
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/resume`))[0]).toBe(200)
      expect((yield* endOf(computer, run_id)).answered).toHaveLength(2)
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("has a plan that a person may edit, with owners whom its agent may give work to", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { answer: says("done") } })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "the whole", agent: "conductor", paused: true })
      const part = (more: object) => ({ id: "a", objective: "look", after: [], ...more })
      const put = (revision: number, ...parts: ReadonlyArray<object>) =>
        statusOf(server, "PUT", `/runs/${run_id}/plan`, { revision, parts })
      expect((yield* put(0, part({ agent: "nobody" })))[0]).toBe(422)
      expect(yield* put(0, part({}))).toEqual([422, expect.stringContaining("no owner")])
      expect((yield* put(0, part({ capability: "zymurgy" })))[0]).toBe(422)
      expect((yield* put(0, part({ agent: "research", after: ["z"] })))[0]).toBe(422)
      expect((yield* put(7, part({ agent: "research" })))[0]).toBe(409)
      expect((yield* put(0, part({ capability: "research" })))[0]).toBe(200)
      expect((yield* put(0, part({ agent: "research" })))[0]).toBe(409)
      expect((yield* runOf(server, run_id)).plan).toMatchObject({
        revision: 1,
        by: "user",
        parts: [{ id: "a", status: "ready", task_id: null }]
      })
      // An agent that gives work to nobody follows no plan.
      const alone = yield* begin(server, { objective: "read", agent: "research", paused: true })
      const given = yield* statusOf(server, "PUT", `/runs/${alone}/plan`, {
        revision: 0,
        parts: [part({ agent: "code" })]
      })
      expect(given).toEqual([422, expect.stringContaining("may give work to")])
      yield* server.request("POST", `/runs/${run_id}/resume`)
      expect(yield* endOf(computer, run_id)).toMatchObject({ outcome: "done" })
      const ended = yield* runOf(server, run_id)
      expect(ended.tasks).toMatchObject([{ part_id: "a", agent: "research", status: "completed" }])
      expect(unbalanced(yield* computer.events({ run_id }))).toEqual([])
    })
  )

  it.live("that waits at its cap goes on with what it is given, and keeps it", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [
          { when: { step: 0 }, answer: bash("true") },
          { when: { step: 1 }, answer: bash("true") }
        ],
        default: { answer: says("done") }
      })
      const server = yield* serve(computer)
      const run_id = yield* begin(server, { objective: "go", budget: { steps: 1 } })
      yield* computer.logged("run.paused")
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/budget`, { kind: "steps", limit: 0 }))[0]).toBe(422)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/budget`, { kind: "steps", limit: 50 }))[0]).toBe(200)
      expect(yield* endOf(computer, run_id)).toMatchObject({ outcome: "done" })
      expect((yield* runOf(server, run_id)).budget).toMatchObject({ steps: 50 })
    })
  )

  it.live("is tried again from its beginning or from a step, in its thread, and forked into another", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({
        turns: [{ when: { contains: "greet", step: 0 }, answer: bash("echo hello") }, hangs],
        default: { answer: says("said") }
      })
      const server = yield* serve(computer)
      const first = yield* begin(server, { objective: "greet" })
      yield* endOf(computer, first)
      const again = (path: string, body: object) => server.request("POST", `/runs/${first}/${path}`, body)
      expect((yield* again("retry", { from_step: 4 })).status).toBe(422)
      expect((yield* again("retry", { from_step: 0 })).status).toBe(422)

      const retry = yield* again("retry", {})
      expect(retry.status).toBe(202)
      const second = String(bodyOf(retry).run_id)
      expect(yield* endOf(computer, second)).toMatchObject({ outcome: "done", steps: 2 })
      expect((yield* runOf(server, second)).thread_id).toBe((yield* runOf(server, first)).thread_id)

      // The command of the first step is taken over, and not run again.
      const third = String(bodyOf(yield* again("retry", { from_step: 2 })).run_id)
      expect(yield* endOf(computer, third)).toMatchObject({ outcome: "done", steps: 1 })
      expect(yield* computer.events({ run_id: third }, ["tool.call"])).toEqual([])
      expect(JSON.stringify(computer.model.requests.at(-1)?.body)).toContain("hello")

      const fork = String(bodyOf(yield* again("fork", { from_step: 2, objective: "now hang" })).run_id)
      yield* computer.logged("model.call_started", 6)
      expect((yield* runOf(server, fork)).thread_id).toBe(`run:${fork}`)
      const busy = yield* server.request("POST", `/runs/${fork}/retry`, {})
      expect([busy.status, bodyOf(busy).run_id]).toEqual([409, fork])
      // Its first step is still being worked on.
      expect((yield* server.request("POST", `/runs/${fork}/fork`, { from_step: 2 })).status).toBe(422)
      yield* server.request("POST", `/runs/${fork}/cancel`)
      yield* endOf(computer, fork)
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )
})

describe("GET /runs", () => {
  it.live("gives the newest first, page by page, of those that fit", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs], default: { answer: says("done") } })
      const server = yield* serve(computer)
      const ids: Array<string> = []
      for (const objective of ["one", "two", "three", "four"]) {
        const run_id = yield* begin(server, { objective, agent: objective === "two" ? "research" : "chat" })
        yield* endOf(computer, run_id)
        ids.unshift(run_id)
      }
      const open = yield* begin(server, { objective: "hang", actor_id: "bob" })
      const page = (query: string) =>
        Effect.map(server.request("GET", `/runs${query}`), ({ body }) => ({
          ids: listOf(Object(body).runs).map(({ run_id }) => run_id),
          next: Object(body).next_before as unknown
        }))
      const first = yield* page("?limit=3")
      expect(first).toEqual({ ids: [open, ...ids.slice(0, 2)], next: expect.any(Number) })
      expect(yield* page(`?limit=3&before=${String(first.next)}`)).toEqual({ ids: ids.slice(2), next: null })
      expect(yield* page("?status=open")).toEqual({ ids: [open], next: null })
      expect(yield* page("?status=open&actor_id=amy")).toEqual({ ids: [], next: null })
      expect((yield* page("?status=ended")).ids).toEqual(ids)
      expect((yield* page("?agent=research")).ids).toEqual([ids[2]])
      expect((yield* page("?actor_id=bob")).ids).toEqual([open])
      expect((yield* page(`?parent_run_id=${open}`)).ids).toEqual([])
      expect((yield* server.request("GET", "/runs?limit=0")).status).toBe(422)
      expect((yield* server.request("GET", "/runs?status=gone")).status).toBe(422)
    })
  )
})

describe("POST /runs/stop-all", () => {
  it.live("leaves nothing: no message that waits begins, and no command goes on", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs], default: { answer: says("here") } })
      const server = yield* serve(computer)
      yield* computer.say("hang")
      yield* computer.model.request(0)
      yield* computer.say("next", { mode: "queue" })
      const task = { actor_id: "amy", kind: "terminal_command", payload: { command: "sleep 300" } }
      const accepted = yield* server.request("POST", "/tasks", task)
      // Accepted is what is in the log.
      expect((yield* statusOf(server, "GET", `/tasks/${bodyOf(accepted).task_id}`))[0]).toBe(200)
      expect(bodyOf(yield* server.request("POST", "/runs/stop-all"))).toMatchObject({ stopped: 1 })
      expect((yield* computer.ended(2)).map(({ outcome }) => outcome)).toEqual(["stopped", "stopped"])
      expect(yield* computer.logged("worker.task.cancelled")).toHaveLength(1)
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("ends every run, paused ones as well", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs, hangs, hangs] })
      const server = yield* serve(computer)
      const runs = yield* Effect.forEach([false, false, true], (paused) => begin(server, { objective: "hang", paused }))
      const reply = yield* server.request("POST", "/runs/stop-all")
      expect([reply.status, bodyOf(reply).stopped]).toEqual([200, 3])
      for (const run_id of runs) expect(yield* endOf(computer, run_id)).toMatchObject({ outcome: "stopped" })
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )
})

describe("/tasks", () => {
  it.live("of kind agent is a run, told of where it was asked for", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ default: { answer: says("found it") } })
      const server = yield* serve(computer)
      const reply = yield* server.request("POST", "/tasks", {
        kind: "agent",
        actor_id: "amy",
        payload: { objective: "look", capability: "research" }
      })
      expect([reply.status, bodyOf(reply)]).toMatchObject([202, { success: true, status: "accepted", kind: "agent" }])
      const task_id = String(bodyOf(reply).task_id)
      yield* endOf(computer, task_id)
      const told = yield* computer.events(amy, ["worker.task.>"])
      expect(told.map(({ event_type }) => event_type)).toEqual(["worker.task.started", "worker.task.completed"])
      const one = yield* server.request("GET", `/tasks/${task_id}`)
      expect(bodyOf(one).task).toMatchObject({ task_id, status: "completed", output: "found it", agent: "research" })
      expect((yield* statusOf(server, "POST", `/tasks/${task_id}/cancel`))[0]).toBe(409)
    })
  )

  it.live("of kind terminal_command runs a command, and can be stopped", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({})
      const server = yield* serve(computer)
      const command = (text: string) =>
        Effect.map(
          server.request("POST", "/tasks", { kind: "terminal_command", actor_id: "amy", payload: { command: text } }),
          (reply) => [reply.status, String(bodyOf(reply).task_id)] as const
        )
      const [status, first] = yield* command("echo hello; exit 3")
      expect(status).toBe(202)
      yield* computer.logged("worker.task.failed")
      const one = yield* server.request("GET", `/tasks/${first}`)
      expect(bodyOf(one).task).toMatchObject({ status: "failed", exit_code: 3, kind: "terminal_command" })
      const [, second] = yield* command("sleep 60")
      yield* computer.logged("worker.task.started", 2)
      const running = yield* server.request("GET", "/tasks?status=running")
      expect(listOf(bodyOf(running).tasks).map((task) => task.task_id)).toEqual([second])
      expect((yield* statusOf(server, "POST", `/tasks/${second}/cancel`, { reason: "enough" }))[0]).toBe(200)
      yield* computer.logged("worker.task.cancelled")
      expect((yield* server.request("GET", "/tasks?limit=1")).body).toMatchObject({
        tasks: [{ task_id: second, status: "cancelled" }]
      })
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("whose run was given up has its end where it was asked for", () =>
    Effect.gen(function* () {
      const computer = yield* startComputer({ turns: [hangs] })
      const server = yield* serve(computer)
      const reply = yield* server.request("POST", "/tasks", {
        kind: "agent",
        actor_id: "amy",
        payload: { objective: "hang", agent: "research" }
      })
      const task_id = String(bodyOf(reply).task_id)
      for (let crash = 1; crash <= 6; crash++) {
        yield* computer.logged("model.call_started", Math.min(crash, 4))
        yield* computer.crash(`/session/runs/${task_id}`)
      }
      yield* computer.logged("worker.task.failed", 1, amy)
      const one = yield* server.request("GET", `/tasks/${task_id}`)
      expect(bodyOf(one).task).toMatchObject({ status: "failed" })
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )

  it.live("that can't be are refused in words", () =>
    Effect.gen(function* () {
      const server = yield* serve(yield* startComputer({}))
      const task = (body: object) => statusOf(server, "POST", "/tasks", { actor_id: "amy", kind: "agent", ...body })
      expect((yield* task({ payload: { objective: "x", agent: "nobody" } }))[0]).toBe(422)
      expect((yield* task({ payload: { objective: "x", capability: "zymurgy" } }))[0]).toBe(404)
      expect((yield* task({ payload: { objective: "x" }, session_id: "s" }))[0]).toBe(400)
      expect((yield* task({ payload: {} }))[0]).toBe(422)
      expect((yield* task({ kind: "other", payload: {} }))[0]).toBe(422)
      expect((yield* statusOf(server, "GET", "/tasks/nobody"))[0]).toBe(404)
      expect((yield* statusOf(server, "POST", "/tasks/nobody/cancel"))[0]).toBe(404)
      expect((yield* statusOf(server, "GET", "/tasks?status=gone"))[0]).toBe(422)
    })
  )
})

describe("a server that starts with every run paused", () => {
  it.live("goes on with none until it is let, and then with all that waits", () =>
    Effect.gen(function* () {
      const before = yield* startComputer({ turns: [hangs] })
      yield* before.say("hang")
      yield* before.model.request(0)
      yield* before.say("next", { mode: "queue" })
      // As a crash leaves it: nobody had the time to pause the run.
      const folder = yield* temporaryFolder
      for (const name of readdirSync(before.folder)) {
        if (name.startsWith("events.db")) cpSync(join(before.folder, name), join(folder, name))
      }
      yield* before.end
      const computer = yield* startComputer(
        { default: { answer: says("here") } },
        { after: { folder, end: Effect.void } }
      ).pipe(Effect.provideService(StartMode, { paused: true }))
      const server = yield* serve(computer)
      const [started] = yield* computer.logged("run.started")
      const run_id = String(started?.run_id)
      yield* computer.logged("run.paused")
      expect(yield* runOf(server, run_id)).toMatchObject({ phase: "paused" })
      expect(computer.model.requests).toHaveLength(0)
      expect((yield* statusOf(server, "POST", `/runs/${run_id}/resume`))[0]).toBe(200)
      expect((yield* computer.ended(2)).map(({ outcome }) => outcome)).toEqual(["done", "done"])
      expect(unbalanced(yield* computer.events())).toEqual([])
    })
  )
})
