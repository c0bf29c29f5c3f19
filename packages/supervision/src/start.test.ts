import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { act, alone, die, echo, gate, note, probe, settle } from "../test/fixtures.ts"
import { ActorDead, type ChildSpec, child, dynamic, type SupervisionEvent, start, supervisor, worker } from "./index.ts"

it.effect("the snapshot shows the live tree: parents first, with state, mailbox, age and restarts", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const busy = probe("busy", log)
    const runs = dynamic({ name: "runs", child: (key) => probe(key, log), intensity: 1, period: "1 minute" })
    const tree = yield* start(
      supervisor({
        name: "application",
        strategy: "rest_for_one",
        intensity: 3,
        period: "60 seconds",
        children: [
          child("writer", worker({ kind: "writer", run: Effect.never })),
          child(
            "services",
            supervisor({
              name: "services",
              strategy: "one_for_one",
              intensity: 5,
              period: "60 seconds",
              children: [child("/busy", busy), child("/session/runs", runs)]
            })
          )
        ]
      })
    )
    yield* tree.getOrStart(runs, "r1")
    yield* TestClock.adjust("3 seconds")
    const door = gate()
    yield* tree.ref(busy).cast(act(door.pass))
    yield* door.reached
    yield* tree.ref(busy).cast(note("waits"))
    yield* tree.crash("/session/runs/r1", Cause.die("chaos"))
    yield* settle

    const rest = { restarts: 0, mailbox: 0, ageMs: 3_000, state: "running" } as const
    expect(yield* tree.snapshot).toEqual([
      { ...rest, path: "/", parent: undefined, kind: "supervisor" },
      { ...rest, path: "/writer", parent: "/", kind: "writer" },
      { ...rest, path: "/services", parent: "/", kind: "supervisor" },
      { ...rest, path: "/busy", parent: "/services", kind: "probe", mailbox: 1 },
      {
        ...rest,
        path: "/session/runs",
        parent: "/services",
        kind: "dynamic",
        children: { live: 1, started: 1, stopped: 0, crashed: 1, restarted: 0, givenUp: 0 }
      },
      { ...rest, path: "/session/runs/r1", parent: "/session/runs", kind: "probe", state: "restarting", ageMs: 0 }
    ])
    yield* door.open
  })
)

it.effect("a stop of the tree leaves nothing: no fiber, no timer, no child", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const runs = dynamic({ name: "runs", child: (key) => probe(key, log), intensity: 5, period: "1 minute" })
    const fixed = probe("fixed", log)
    const scope = yield* Scope.make()
    const tree = yield* Scope.provide(
      start(
        supervisor({
          name: "root",
          strategy: "one_for_one",
          intensity: 3,
          period: "1 minute",
          children: [child("fixed", fixed), child("runs", runs)]
        })
      ),
      scope
    )
    const one = yield* tree.getOrStart(runs, "1")
    const two = yield* tree.getOrStart(runs, "2")
    yield* tree.getOrStart(runs, "3")
    const caller = yield* Effect.forkChild(
      Effect.flip(tree.ref(fixed).call<string, string>((reply) => ({ type: "keep", reply }), { timeout: "1 hour" }))
    )
    yield* one.cast(die())
    yield* two.cast(act(Effect.never))
    yield* settle
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
    yield* settle
    yield* TestClock.adjust("5 seconds")
    yield* Fiber.join(closing)

    expect(yield* Fiber.join(caller)).toBeInstanceOf(ActorDead)
    const balance = new Map<string, number>()
    for (const line of log) {
      const [name = "", what] = line.split(" ")
      balance.set(name, (balance.get(name) ?? 0) + (what === "starts" ? 1 : -1))
    }
    expect([...balance.values()]).toEqual([0, 0, 0, 0])
    expect((yield* tree.snapshot).map((info) => `${info.path} ${info.state}`)).toEqual([
      "/ stopped",
      "/fixed stopped",
      "/runs stopped"
    ])
    const before = log.length
    yield* TestClock.adjust("1 day")
    expect(log).toHaveLength(before)
  })
)

it.effect("chaos: any part can be crashed by its path; where nothing lives nothing happens", () =>
  Effect.gen(function* () {
    const { tree, ref, events } = yield* alone()
    const down = yield* ref.monitor
    expect(yield* tree.crash("/a", Cause.die(new Error("chaos")))).toBe(true)
    expect((yield* down).cause).toBe("Error: chaos")
    expect(yield* tree.crash("/a", Cause.die("again"))).toBe(false)
    expect(yield* tree.crash("/nowhere", Cause.die("x"))).toBe(false)
    yield* settle
    yield* TestClock.adjust("1 second")
    expect(yield* ref.call(echo("back"), { timeout: "1 second" })).toBe("back")
    expect(events.map((event) => event.type)).toEqual(["child_started", "child_crashed", "child_restarted"])
    expect(events[1]).toMatchObject({ path: "/a", kind: "probe", cause: "Error: chaos", restarts: 0, at: 0 })
    expect(events[2]).toMatchObject({ restarts: 1, at: 1_000 })

    const done = yield* Effect.forkChild(Effect.flip(tree.done))
    yield* tree.crash("/", Cause.die(new Error("the root")))
    expect((yield* Fiber.join(done)).cause).toBe("Error: the root")
  })
)

it.effect("while the listener is down events wait in the ring, in order; the oldest are dropped and counted", () =>
  Effect.gen(function* () {
    const told: Array<SupervisionEvent> = []
    let up = false
    const log: Array<string> = []
    const runs = dynamic({
      name: "runs",
      child: (key) => probe(key, log),
      restart: "temporary",
      intensity: 1,
      period: "1 minute"
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: "1 minute",
        children: [child("runs", runs)]
      }),
      {
        ring: 10,
        onEvent: (event) => (up ? Effect.sync(() => void told.push(event)) : Effect.fail("the log is down"))
      }
    )
    yield* settle
    for (let index = 0; index < 25; index++) {
      const ref = yield* tree.getOrStart(runs, `${index}`)
      yield* ref.cast(die())
      yield* settle
    }
    // One child_started and 25 child_crashed, of which the ring holds ten. The tree went on.
    expect(log).toHaveLength(50)
    expect(yield* tree.eventsDropped).toBe(16)
    expect(told).toEqual([])
    up = true
    yield* TestClock.adjust("10 seconds")
    expect(told.map((event) => event.path)).toEqual(Array.from({ length: 10 }, (_, index) => `/runs/${index + 15}`))
    const ref = yield* tree.getOrStart(runs, "after")
    yield* ref.cast(die())
    yield* settle
    expect(told.at(-1)?.path).toBe("/runs/after")
  })
)

it.effect("a listener that hangs or dies holds nothing up, and a stop waits for it no longer than flush", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const a = probe("a", log)
    const scope = yield* Scope.make()
    let told = 0
    yield* Scope.provide(
      start(
        supervisor({ name: "root", strategy: "one_for_one", intensity: 1, period: 1_000, children: [child("a", a)] }),
        {
          flush: "2 seconds",
          onEvent: () => {
            told++
            if (told === 1) throw new Error("bad listener")
            return Effect.never
          }
        }
      ),
      scope
    )
    yield* settle
    yield* TestClock.adjust("100 millis")
    expect(told).toBe(2)
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
    yield* settle
    expect(log).toEqual(["a starts", "a ends"])
    expect(closing.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust("2 seconds")
    yield* Fiber.join(closing)
  })
)

it.effect("the stops of an orderly end are told to a listener that is up", () =>
  Effect.gen(function* () {
    const told: Array<string> = []
    const scope = yield* Scope.make()
    yield* Scope.provide(
      start(
        supervisor({
          name: "root",
          strategy: "one_for_one",
          intensity: 1,
          period: 1_000,
          children: [child("a", probe("a", [])), child("b", probe("b", []))]
        }),
        { onEvent: (event) => void told.push(`${event.type} ${event.path}`) }
      ),
      scope
    )
    yield* Scope.close(scope, Exit.void)
    expect(told).toEqual(["child_started /a", "child_started /b", "child_stopped /b", "child_stopped /a"])
  })
)

it.effect("two children at one path, or one definition twice, are defects that say so", () =>
  Effect.gen(function* () {
    const a = probe("a", [])
    const b = probe("b", [])
    const tree = (children: ReadonlyArray<ChildSpec<Scope.Scope>>) =>
      Effect.exit(start(supervisor({ name: "root", strategy: "one_for_one", intensity: 1, period: 1_000, children })))
    expect(String(yield* tree([child("x", a), child("x", b)]))).toContain("Two children of the tree have the path /x")
    expect(String(yield* tree([child("x", a), child("y", a)]))).toContain("stands twice")
  })
)

it.effect("refs of one definition in two trees are two", () =>
  Effect.gen(function* () {
    const a = probe("a", [])
    const root = supervisor({
      name: "root",
      strategy: "one_for_one",
      intensity: 1,
      period: 1_000,
      children: [child("a", a)]
    })
    const one = yield* start(root)
    const two = yield* start(root)
    expect(one.ref(a)).not.toBe(two.ref(a))
    expect(one.ref(a)).toBe(one.ref(a))
    expect(Option.isSome(two.lookup("/a"))).toBe(true)
  })
)
