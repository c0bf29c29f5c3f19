import { describe, expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { act, alone, die, echo, gate, note, probe, settle } from "../test/fixtures.ts"
import {
  actor,
  type ChildOptions,
  child,
  GaveUp,
  type Self,
  StartFailed,
  type Strategy,
  type SupervisionEvent,
  start,
  supervisor,
  Tree,
  worker
} from "./index.ts"

const backoff = { initial: "1 second", factor: 2, max: "3 seconds" } as const
const second = { timeout: "1 second" } as const

/** Three probes a, b, c under one supervisor. */
const trio = Effect.fnUntraced(function* (
  strategy: Strategy,
  options: {
    restarts?: Record<string, ChildOptions>
    failStarts?: Record<string, Set<number>>
    intensity?: number
  } = {}
) {
  const log: Array<string> = []
  const events: Array<SupervisionEvent> = []
  const failing = (name: string) => {
    const failStarts = options.failStarts?.[name]
    return failStarts === undefined ? {} : { failStarts }
  }
  const a = probe("a", log, failing("a"))
  const b = probe("b", log, failing("b"))
  const c = probe("c", log, failing("c"))
  const tree = yield* start(
    supervisor({
      name: "root",
      strategy,
      intensity: options.intensity ?? 3,
      period: "1 minute",
      backoff,
      children: [
        child("a", a, options.restarts?.a),
        child("b", b, options.restarts?.b),
        child("c", c, options.restarts?.c)
      ]
    }),
    { onEvent: (event) => void events.push(event) }
  )
  const state = (path: string) => Option.getOrThrow(tree.lookup(path)).state
  return { tree, log, events, state, a: tree.ref(a), b: tree.ref(b), c: tree.ref(c) }
})

const started = ["a starts", "b starts", "c starts"]

describe("strategies", () => {
  it.effect("one_for_one restarts the crashed child alone", () =>
    Effect.gen(function* () {
      const { log, b, a, state } = yield* trio("one_for_one")
      yield* b.cast(die())
      yield* settle
      expect(state("/b")).toBe("restarting")
      yield* a.cast(note("works meanwhile"))
      yield* TestClock.adjust("1 second")
      expect(log).toEqual([...started, "b ends", "a works meanwhile", "b starts"])
      expect(state("/b")).toBe("running")
    })
  )

  it.effect("one_for_all ends all in reverse order and starts all again", () =>
    Effect.gen(function* () {
      const { log, b } = yield* trio("one_for_all")
      yield* b.cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      expect(log).toEqual([...started, "b ends", "c ends", "a ends", ...started])
    })
  )

  it.effect("rest_for_one restarts the crashed child and those after it, in order", () =>
    Effect.gen(function* () {
      const { log, b } = yield* trio("rest_for_one")
      yield* b.cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      expect(log).toEqual([...started, "b ends", "c ends", "b starts", "c starts"])
    })
  )

  it.effect("rest_for_one: an earlier child that crashes during the backoff widens the group", () =>
    Effect.gen(function* () {
      const { log, a, c, state } = yield* trio("rest_for_one")
      yield* c.cast(die())
      yield* settle
      yield* TestClock.adjust("500 millis")
      yield* a.cast(die())
      yield* settle
      yield* TestClock.adjust("500 millis")
      expect(log).toEqual([...started, "c ends", "a ends", "b ends"])
      yield* TestClock.adjust("2 seconds")
      expect(log).toEqual([...started, "c ends", "a ends", "b ends", ...started])
      expect([state("/a"), state("/b"), state("/c")]).toEqual(["running", "running", "running"])
    })
  )

  it.effect("a child that can't start again is tried again, with the rest of its group", () =>
    Effect.gen(function* () {
      const { log, events, a } = yield* trio("one_for_all", { failStarts: { b: new Set([2]) } })
      yield* a.cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      expect(log).toEqual([...started, "a ends", "c ends", "b ends", "a starts", "b refuses", "a ends"])
      yield* TestClock.adjust("2 seconds")
      expect(log.slice(-3)).toEqual(started)
      expect(events.filter((event) => event.type === "child_crashed").map((event) => event.path)).toEqual(["/a", "/b"])
    })
  )
})

describe("restart", () => {
  it.effect("transient: after a crash, not after a normal end", () =>
    Effect.gen(function* () {
      const { log, a, state, events } = yield* trio("one_for_one", { restarts: { a: { restart: "transient" } } })
      yield* a.cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      expect(log.slice(3)).toEqual(["a ends", "a starts"])
      yield* a.cast({ type: "stop" })
      yield* settle
      yield* TestClock.adjust("1 minute")
      expect(log.slice(3)).toEqual(["a ends", "a starts", "a ends"])
      expect(state("/a")).toBe("stopped")
      expect(events.at(-1)).toMatchObject({ type: "child_stopped", path: "/a" })
    })
  )

  it.effect("temporary: never, not even with its siblings", () =>
    Effect.gen(function* () {
      const { log, a, b, state } = yield* trio("one_for_all", {
        restarts: { a: { restart: "temporary" }, c: { restart: "temporary" } }
      })
      yield* a.cast(die())
      yield* settle
      yield* TestClock.adjust("1 minute")
      expect(log).toEqual([...started, "a ends"])
      yield* b.cast(die())
      yield* settle
      yield* TestClock.adjust("1 minute")
      expect(log).toEqual([...started, "a ends", "b ends", "c ends", "b starts"])
      expect([state("/a"), state("/b"), state("/c")]).toEqual(["stopped", "running", "stopped"])
    })
  )

  it.effect("permanent: after a normal end too", () =>
    Effect.gen(function* () {
      const { log, a } = yield* trio("one_for_one")
      yield* a.cast({ type: "stop" })
      yield* settle
      yield* TestClock.adjust("1 second")
      expect(log).toEqual([...started, "a ends", "a starts"])
    })
  )
})

describe("intensity", () => {
  it.effect("backoff grows with each restart within the period, up to its limit", () =>
    Effect.gen(function* () {
      const { a, log } = yield* trio("one_for_one", { intensity: 4 })
      const starts = () => log.filter((line) => line === "a starts").length
      let expected = 1
      for (const delay of [1_000, 2_000, 3_000, 3_000]) {
        yield* a.cast(die())
        yield* settle
        yield* TestClock.adjust(delay - 1)
        expect(starts()).toBe(expected)
        yield* TestClock.adjust(1)
        expect(starts()).toBe(++expected)
      }
    })
  )

  it.effect("one crash too many within the period: the root gives up, ends its children and says why", () =>
    Effect.gen(function* () {
      const { a, log, tree, events, state } = yield* trio("one_for_one", { intensity: 2 })
      const done = yield* Effect.forkChild(Effect.flip(tree.done))
      for (let index = 0; index < 2; index++) {
        yield* a.cast(die())
        yield* settle
        yield* TestClock.adjust("3 seconds")
      }
      expect(done.pollUnsafe()).toBeUndefined()
      yield* a.cast(die("once more"))
      const reason = yield* Fiber.join(done)
      expect(reason).toBeInstanceOf(GaveUp)
      expect(reason.message).toContain("once more")
      expect(log.slice(-3)).toEqual(["a ends", "c ends", "b ends"])
      yield* settle
      expect(events.some((event) => event.type === "gave_up" && event.path === "/" && event.cause.includes("/a"))).toBe(
        true
      )
      expect(state("/")).toBe("given_up")
      yield* TestClock.adjust("1 hour")
      expect(log.slice(-3)).toEqual(["a ends", "c ends", "b ends"])
    })
  )

  it.effect("crashes that are further apart than the period never add up", () =>
    Effect.gen(function* () {
      const { a, log } = yield* trio("one_for_one", { intensity: 1 })
      for (let index = 0; index < 10; index++) {
        yield* a.cast(die())
        yield* settle
        yield* TestClock.adjust("1 second")
        yield* TestClock.adjust("61 seconds")
      }
      expect(log.filter((line) => line === "a starts")).toHaveLength(11)
    })
  )

  it.effect("a supervisor that gives up crashes itself, and its own supervisor restarts it whole", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const events: Array<SupervisionEvent> = []
      const outer = probe("outer", log)
      const weak = probe("weak", log)
      const other = probe("other", log)
      const tree = yield* start(
        supervisor({
          name: "root",
          strategy: "one_for_one",
          intensity: 1,
          period: "1 minute",
          backoff,
          children: [
            child("outer", outer),
            child(
              "inner",
              supervisor({
                name: "inner",
                strategy: "one_for_one",
                intensity: 1,
                period: "1 minute",
                backoff,
                children: [child("weak", weak), child("other", other)]
              })
            )
          ]
        }),
        { onEvent: (event) => void events.push(event) }
      )
      const ref = tree.ref(weak)
      yield* ref.cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* ref.cast(die())
      yield* settle
      expect(log).toEqual([
        ...["outer starts", "weak starts", "other starts"],
        ...["weak ends", "weak starts", "weak ends", "other ends"]
      ])
      expect(Option.getOrThrow(tree.lookup("/inner")).state).toBe("restarting")
      yield* TestClock.adjust("1 second")
      expect(log.slice(-2)).toEqual(["weak starts", "other starts"])
      // The same ref addresses the new incarnation.
      expect(yield* ref.call(echo("back"), second)).toBe("back")
      expect(events.map((event) => `${event.type} ${event.path}`).slice(-6)).toEqual([
        "child_crashed /inner/weak",
        "gave_up /inner",
        "child_stopped /inner/other",
        "child_started /inner/weak",
        "child_started /inner/other",
        "child_restarted /inner"
      ])
    })
  )
})

describe("shutdown", () => {
  it.effect("children end in the reverse order of their start, and nothing is left", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { log, tree, a } = yield* Scope.provide(trio("one_for_one"), scope)
      yield* Scope.close(scope, Exit.void)
      expect(log).toEqual([...started, "c ends", "b ends", "a ends"])
      expect((yield* tree.snapshot).map((info) => info.state)).toEqual(["stopped", "stopped", "stopped", "stopped"])
      expect((yield* Effect.flip(a.cast(note("x"))))._tag).toBe("Supervision.ActorDead")
      yield* TestClock.adjust("1 hour")
      expect(log).toHaveLength(6)
    })
  )

  it.effect("within its grace a child handles the mail it has, and takes no more", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const scope = yield* Scope.make()
      const { ref } = yield* Scope.provide(alone(log), scope)
      const door = gate()
      yield* ref.cast(act(door.pass))
      yield* door.reached
      yield* ref.cast(note("queued"))
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      expect((yield* Effect.flip(ref.cast(note("late"))))._tag).toBe("Supervision.ActorDead")
      expect(closing.pollUnsafe()).toBeUndefined()
      yield* door.open
      yield* Fiber.join(closing)
      expect(log).toEqual(["a starts", "a queued", "a ends"])
    })
  )

  it.effect("after its grace a child is interrupted", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const scope = yield* Scope.make()
      const { ref } = yield* Scope.provide(alone(log), scope)
      yield* ref.cast(act(Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("interrupted")))))
      yield* settle
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      yield* TestClock.adjust("4999 millis")
      expect(closing.pollUnsafe()).toBeUndefined()
      yield* TestClock.adjust("1 millis")
      yield* Fiber.join(closing)
      expect(log).toEqual(["a starts", "interrupted", "a ends"])
    })
  )

  it.effect("a finalizer that hangs is left behind after the grace, and counted", () =>
    Effect.gen(function* () {
      const stuck = actor({
        kind: "stuck",
        start: (_: Self<never>) =>
          Effect.as(
            Effect.addFinalizer(() => Effect.never),
            () => {}
          )
      })
      const scope = yield* Scope.make()
      const tree = yield* Scope.provide(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_one",
            intensity: 1,
            period: 1_000,
            children: [child("stuck", stuck, { shutdown: "2 seconds" })]
          })
        ),
        scope
      )
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      yield* TestClock.adjust("2 seconds")
      yield* Fiber.join(closing)
      expect(yield* tree.abandoned).toBe(1)
    })
  )

  it.effect("a stop during the backoff starts nothing", () =>
    Effect.gen(function* () {
      const scope = yield* Scope.make()
      const { log, b } = yield* Scope.provide(trio("one_for_all"), scope)
      yield* b.cast(die())
      yield* settle
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("1 hour")
      expect(log).toEqual([...started, "b ends", "c ends", "a ends"])
    })
  )

  it.effect("an interrupted handler has cleaned up before the scope's finalizers run", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const { ref, tree } = yield* alone(log)
      const door = gate()
      const slowly = Effect.andThen(
        door.pass,
        Effect.sync(() => void log.push("cleaned up"))
      )
      yield* ref.cast(act(Effect.onInterrupt(Effect.never, () => slowly)))
      yield* settle
      yield* tree.crash("/a", Cause.die("chaos"))
      yield* door.reached
      yield* settle
      expect(log).toEqual(["a starts"])
      yield* door.open
      yield* settle
      expect(log).toEqual(["a starts", "cleaned up", "a ends"])
    })
  )

  it.effect("a stop while a group is started again calls it off, and tells no crash", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const events: Array<SupervisionEvent> = []
      const first = probe("first", log)
      const last = probe("last", log)
      const door = gate()
      let starts = 0
      const slow = actor({
        kind: "slow",
        start: (_: Self<never>) => Effect.as(++starts > 1 ? door.pass : Effect.void, () => {})
      })
      const scope = yield* Scope.make()
      const tree = yield* Scope.provide(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_all",
            intensity: 3,
            period: "1 minute",
            backoff,
            children: [child("first", first), child("slow", slow), child("last", last)]
          }),
          { onEvent: (event) => void events.push(event) }
        ),
        scope
      )
      yield* tree.ref(first).cast(die())
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* door.reached
      yield* Scope.close(scope, Exit.void)
      expect(log).toEqual(["first starts", "last starts", "first ends", "last ends", "first starts", "first ends"])
      expect(events.filter((event) => event.type === "child_crashed").map((event) => event.path)).toEqual(["/first"])
    })
  )

  it.effect("a supervisor with a grace of its own is hurried when it is over", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const slow = probe("slow", log)
      const scope = yield* Scope.make()
      const tree = yield* Scope.provide(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_one",
            intensity: 1,
            period: 1_000,
            children: [
              child(
                "group",
                supervisor({
                  name: "group",
                  strategy: "one_for_one",
                  intensity: 1,
                  period: 1_000,
                  children: [child("slow", slow, { shutdown: "1 hour" })]
                }),
                { shutdown: "1 second" }
              )
            ]
          })
        ),
        scope
      )
      yield* tree.ref(slow).cast(act(Effect.never))
      yield* settle
      const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
      yield* settle
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(closing)
      expect(log).toEqual(["slow starts", "slow ends"])
    })
  )
})

describe("start", () => {
  it.effect("fails cleanly when a static child can't start: what was started has ended, in reverse order", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const parts = ["a", "b", "c", "d"].map((name) =>
        child(name, probe(name, log, name === "c" ? { failStarts: new Set([1]) } : {}))
      )
      const failed = yield* Effect.flip(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_one",
            intensity: 1,
            period: 1_000,
            children: [
              child(
                "in",
                supervisor({ name: "in", strategy: "one_for_one", intensity: 1, period: 1_000, children: parts })
              )
            ]
          })
        )
      )
      expect(failed).toBeInstanceOf(StartFailed)
      expect(failed.path).toBe("/in/c")
      expect(failed.cause).toContain("Refused")
      expect(log).toEqual(["a starts", "b starts", "c refuses", "b ends", "a ends"])
    })
  )

  it.effect("interrupted, it leaves nothing", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const never = actor({ kind: "never", start: (_: Self<never>) => Effect.never })
      const starting = yield* Effect.forkChild(
        Effect.scoped(
          start(
            supervisor({
              name: "root",
              strategy: "one_for_one",
              intensity: 1,
              period: 1_000,
              children: [child("a", probe("a", log)), child("never", never)]
            })
          )
        )
      )
      yield* settle
      expect(log).toEqual(["a starts"])
      yield* Fiber.interrupt(starting)
      expect(log).toEqual(["a starts", "a ends"])
    })
  )

  it.effect("a child may crash before its younger siblings are up: it is answered after the start", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      const first = probe("first", log)
      const door = gate()
      const slow = actor({ kind: "slow", start: (_: Self<never>) => Effect.as(door.pass, () => {}) })
      const starting = yield* Effect.forkChild(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_all",
            intensity: 1,
            period: 1_000,
            backoff: { initial: 10, factor: 1, max: 10 },
            children: [
              child("first", first),
              child(
                "chaos",
                worker({
                  kind: "chaos",
                  run: Effect.flatMap(Tree, (tree) => tree.crash("/first", Cause.die("chaos")))
                }),
                { restart: "temporary" }
              ),
              child("slow", slow)
            ]
          })
        )
      )
      yield* door.reached
      yield* settle
      yield* TestClock.adjust(10)
      expect(log).toEqual(["first starts", "first ends"])
      yield* door.open
      yield* settle
      yield* TestClock.adjust(10)
      expect(log).toEqual(["first starts", "first ends", "first starts"])
      yield* Fiber.interrupt(starting)
    })
  )

  it.effect("services and the tree itself are there for every start", () =>
    Effect.gen(function* () {
      class Greeting extends Context.Service<Greeting, string>()("test/Greeting") {}
      const log: Array<string> = []
      const first = probe("first", log)
      const second = actor({
        kind: "second",
        start: Effect.fnUntraced(function* (_: Self<never>) {
          const tree = yield* Tree
          const greeting = yield* Greeting
          yield* tree.ref(first).cast(note(greeting))
          return () => {}
        })
      })
      const running = start(
        supervisor({
          name: "root",
          strategy: "one_for_one",
          intensity: 1,
          period: 1_000,
          children: [child("first", first), child("second", second)]
        })
      )
      yield* Effect.provideService(running, Greeting, "hello")
      yield* settle
      expect(log).toEqual(["first starts", "first hello"])
    })
  )
})

describe("workers", () => {
  it.effect("a worker that fails is restarted; one that is asked to end is interrupted at once", () =>
    Effect.gen(function* () {
      const log: Array<string> = []
      let runs = 0
      const busy = worker({
        kind: "busy",
        run: Effect.gen(function* () {
          runs++
          log.push(`run ${runs}`)
          yield* Effect.addFinalizer(() => Effect.sync(() => log.push("released")))
          if (runs === 1) return yield* Effect.fail("first time")
          return yield* Effect.never
        })
      })
      const scope = yield* Scope.make()
      const tree = yield* Scope.provide(
        start(
          supervisor({
            name: "root",
            strategy: "one_for_one",
            intensity: 1,
            period: 1_000,
            backoff: { initial: 100, factor: 1, max: 100 },
            children: [child("busy", busy)]
          })
        ),
        scope
      )
      yield* settle
      expect(log).toEqual(["run 1", "released"])
      yield* TestClock.adjust(100)
      yield* settle
      expect(log).toEqual(["run 1", "released", "run 2"])
      expect(Option.getOrThrow(tree.lookup("/busy"))).toMatchObject({ kind: "busy", state: "running", restarts: 1 })
      yield* Scope.close(scope, Exit.void)
      expect(log.at(-1)).toBe("released")
    })
  )
})
