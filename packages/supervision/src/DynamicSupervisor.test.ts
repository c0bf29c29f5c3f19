import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { act, die, echo, gate, note, type ProbeMessage, probe, settle } from "../test/fixtures.ts"
import {
  type ActorRef,
  actor,
  child,
  dynamic,
  GaveUp,
  type Restart,
  type Self,
  StartFailed,
  type SupervisionEvent,
  start,
  supervisor
} from "./index.ts"

const second = { timeout: "1 second" } as const
const backoff = { initial: "1 second", factor: 2, max: "10 seconds" } as const

const chats = Effect.fnUntraced(function* (
  options: { restart?: Restart; failStarts?: Set<number>; max?: number; intensity?: number } = {}
) {
  const log: Array<string> = []
  const events: Array<SupervisionEvent> = []
  const definition = dynamic({
    name: "chats",
    child: (key: string) => probe(key, log, options.failStarts === undefined ? {} : { failStarts: options.failStarts }),
    ...(options.restart === undefined ? {} : { restart: options.restart }),
    ...(options.max === undefined ? {} : { max: options.max }),
    shutdown: "5 seconds",
    intensity: options.intensity ?? 2,
    period: "1 minute",
    backoff
  })
  const tree = yield* start(
    supervisor({
      name: "root",
      strategy: "one_for_one",
      intensity: 0,
      period: "1 minute",
      children: [child("/session/chats", definition)]
    }),
    { onEvent: (event) => void events.push(event) }
  )
  const counters = Effect.map(tree.snapshot, (infos) => infos.find((info) => info.kind === "dynamic")?.children)
  return { tree, definition, log, events, counters }
})

it.effect("1,000 concurrent requests for one key start one child", () =>
  Effect.gen(function* () {
    const door = gate()
    let starts = 0
    const definition = dynamic({
      name: "chats",
      child: () =>
        actor({
          kind: "chat",
          start: Effect.fnUntraced(function* (_: Self<never>) {
            starts++
            yield* door.pass
            return () => {}
          })
        }),
      intensity: 1,
      period: 1_000
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: 1_000,
        children: [child("c", definition)]
      })
    )
    const asking = yield* Effect.forEach(Array.from({ length: 1_000 }), () =>
      Effect.forkChild(tree.getOrStart(definition, "one"))
    )
    yield* door.reached
    yield* settle
    // The first one to ask goes away; the start belongs to the tree.
    const [first, ...others] = asking
    if (first !== undefined) yield* Fiber.interrupt(first)
    yield* door.open
    const refs = yield* Effect.forEach(others, (fiber) => Fiber.join(fiber))
    expect(starts).toBe(1)
    expect(new Set(refs).size).toBe(1)
    expect(yield* tree.getOrStart(definition, "one")).toBe(refs[0])
  })
)

it.effect("a key is percent-encoded in the path, and found by it", () =>
  Effect.gen(function* () {
    const { tree, definition } = yield* chats()
    const ref = yield* tree.getOrStart(definition, "user/1 ü%")
    expect(ref.path).toBe("/session/chats/user%2F1%20%C3%BC%25")
    expect(Option.getOrThrow(tree.lookup(ref.path))).toMatchObject({ parent: "/session/chats", state: "running" })
    expect(Option.isNone(tree.lookup("/session/chats/%"))).toBe(true)
    expect(Option.isNone(tree.lookup("/session/chats/nobody"))).toBe(true)
    expect(tree.find(definition, "user/1 ü%")).toEqual(Option.some(ref))
    expect(Option.isNone(tree.find(definition, "nobody"))).toBe(true)
  })
)

it.effect("a crashed child comes back after its backoff; those who ask meanwhile wait for it", () =>
  Effect.gen(function* () {
    const { tree, definition, log, counters } = yield* chats()
    const ref = yield* tree.getOrStart(definition, "a")
    yield* tree.getOrStart(definition, "b")
    yield* ref.cast(die())
    yield* settle
    const asking = yield* Effect.forkChild(tree.getOrStart(definition, "a"))
    yield* settle
    expect(asking.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust("1 second")
    expect(yield* Fiber.join(asking)).toBe(ref)
    expect(yield* ref.call(echo("back"), second)).toBe("back")
    expect(log).toEqual(["a starts", "b starts", "a ends", "a starts"])
    expect(yield* counters).toEqual({ live: 2, started: 2, stopped: 0, crashed: 1, restarted: 1, givenUp: 0 })
  })
)

it.effect("beyond its intensity that child alone is given up, until it is reset", () =>
  Effect.gen(function* () {
    const { tree, definition, log, events, counters } = yield* chats({ intensity: 1 })
    const ref = yield* tree.getOrStart(definition, "a")
    const other = yield* tree.getOrStart(definition, "b")
    yield* ref.cast(die())
    yield* settle
    yield* TestClock.adjust("1 second")
    yield* ref.cast(die("again"))
    yield* settle
    const gaveUp = yield* Effect.flip(tree.getOrStart(definition, "a"))
    expect(gaveUp).toEqual(new GaveUp({ path: "/session/chats/a", cause: "Error: again", restarts: 1 }))
    expect(Option.isNone(tree.find(definition, "a"))).toBe(true)
    expect(Option.getOrThrow(tree.lookup("/session/chats/a")).state).toBe("given_up")
    yield* other.cast(note("is untouched"))
    yield* TestClock.adjust("1 hour")
    expect(yield* Effect.flip(tree.getOrStart(definition, "a"))).toBe(gaveUp)

    yield* tree.reset(definition, "a")
    yield* tree.getOrStart(definition, "a")
    expect(log).toEqual(["a starts", "b starts", "a ends", "a starts", "a ends", "b is untouched", "a starts"])
    expect((yield* counters)?.givenUp).toBe(1)
    expect(events.filter((event) => event.path !== "/session/chats").map((event) => event.type)).toEqual([
      "child_crashed",
      "child_restarted",
      "child_crashed",
      "gave_up"
    ])
  })
)

it.effect("a first start that fails is told to all who asked, and forgotten", () =>
  Effect.gen(function* () {
    const { tree, definition, log } = yield* chats({ failStarts: new Set([1]) })
    const failed = yield* Effect.flip(tree.getOrStart(definition, "a"))
    expect(failed).toBeInstanceOf(StartFailed)
    expect(failed.path).toBe("/session/chats/a")
    expect(Option.isNone(tree.find(definition, "a"))).toBe(true)
    expect(log).toEqual(["a refuses"])
  })
)

it.effect("a restart that fails to start counts as a crash, and is tried again", () =>
  Effect.gen(function* () {
    const { tree, definition, log } = yield* chats({ failStarts: new Set([2]), intensity: 2 })
    const ref = yield* tree.getOrStart(definition, "a")
    yield* ref.cast(die())
    yield* settle
    yield* TestClock.adjust("1 second")
    expect(log).toEqual(["a starts", "a ends", "a refuses"])
    yield* TestClock.adjust("2 seconds")
    expect(log).toEqual(["a starts", "a ends", "a refuses", "a starts"])
    expect(yield* ref.call(echo("up"), second)).toBe("up")
  })
)

it.effect("transient and temporary children that end normally are gone, and start anew when asked", () =>
  Effect.gen(function* () {
    for (const restart of ["transient", "temporary"] as const) {
      const { tree, definition, log, counters } = yield* chats({ restart })
      const ref = yield* tree.getOrStart(definition, "a")
      yield* ref.cast({ type: "stop" })
      yield* settle
      expect(Option.isNone(tree.find(definition, "a"))).toBe(true)
      expect((yield* Effect.flip(ref.cast(note("x"))))._tag).toBe("Supervision.ActorDead")
      yield* tree.getOrStart(definition, "a")
      expect(log).toEqual(["a starts", "a ends", "a starts"])
      expect(yield* counters).toMatchObject({ live: 1, started: 2, stopped: 1 })
    }
  })
)

it.effect("a temporary child that crashes is not restarted", () =>
  Effect.gen(function* () {
    const { tree, definition, log } = yield* chats({ restart: "temporary" })
    yield* Effect.flatMap(tree.getOrStart(definition, "a"), (ref) => ref.cast(die()))
    yield* settle
    yield* TestClock.adjust("1 hour")
    expect(log).toEqual(["a starts", "a ends"])
  })
)

it.effect("stopChild waits for the end; who asks while it ends gets a fresh one", () =>
  Effect.gen(function* () {
    const { tree, definition, log } = yield* chats()
    const ref = yield* tree.getOrStart(definition, "a")
    const door = gate()
    yield* ref.cast(act(door.pass))
    yield* door.reached
    const stopping = yield* Effect.forkChild(tree.stopChild(definition, "a"))
    yield* settle
    const asking = yield* Effect.forkChild(tree.getOrStart(definition, "a"))
    yield* settle
    expect(stopping.pollUnsafe()).toBeUndefined()
    expect(asking.pollUnsafe()).toBeUndefined()
    yield* door.open
    yield* Fiber.join(stopping)
    expect(yield* Fiber.join(asking)).not.toBe(ref)
    expect(log).toEqual(["a starts", "a ends", "a starts"])
    yield* tree.stopChild(definition, "nobody")
  })
)

it.effect("stopChild during the backoff or the start calls it off", () =>
  Effect.gen(function* () {
    const { tree, definition, log } = yield* chats()
    const ref = yield* tree.getOrStart(definition, "a")
    yield* ref.cast(die())
    yield* settle
    yield* tree.stopChild(definition, "a")
    yield* TestClock.adjust("1 hour")
    expect(log).toEqual(["a starts", "a ends"])

    const door = gate()
    const slow = dynamic({
      name: "slow",
      child: () => actor({ kind: "slow", start: (_: Self<never>) => Effect.as(door.pass, () => {}) }),
      intensity: 1,
      period: 1_000
    })
    const other = yield* start(
      supervisor({ name: "root", strategy: "one_for_one", intensity: 1, period: 1_000, children: [child("s", slow)] })
    )
    const asking = yield* Effect.forkChild(Effect.flip(other.getOrStart(slow, "x")))
    yield* door.reached
    yield* other.stopChild(slow, "x")
    expect((yield* Fiber.join(asking)).cause).toContain("stopped while it started")
    expect((yield* other.snapshot).map((info) => info.path)).toEqual(["/", "/s"])
  })
)

it.effect("stopChild while it is started again ends it for good", () =>
  Effect.gen(function* () {
    const door = gate()
    let starts = 0
    const definition = dynamic({
      name: "slow",
      child: () =>
        actor({
          kind: "slow",
          start: Effect.fnUntraced(function* (_: Self<null>) {
            if (++starts > 1) yield* door.pass
            return () => {
              throw new Error("boom")
            }
          })
        }),
      intensity: 5,
      period: "1 minute",
      backoff
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: 1_000,
        children: [child("s", definition)]
      })
    )
    const ref = yield* tree.getOrStart(definition, "x")
    yield* ref.cast(null)
    yield* settle
    yield* TestClock.adjust("1 second")
    yield* door.reached
    yield* tree.stopChild(definition, "x")
    yield* TestClock.adjust("1 hour")
    expect(starts).toBe(2)
    expect(yield* tree.snapshot).toHaveLength(2)
    expect((yield* tree.snapshot)[1]?.children).toMatchObject({ live: 0, crashed: 1 })
  })
)

it.effect("no more children than max at once", () =>
  Effect.gen(function* () {
    const { tree, definition } = yield* chats({ max: 2 })
    yield* tree.getOrStart(definition, "a")
    yield* tree.getOrStart(definition, "b")
    expect((yield* Effect.flip(tree.getOrStart(definition, "c"))).cause).toContain("2 children")
    yield* tree.getOrStart(definition, "a")
    yield* tree.stopChild(definition, "a")
    yield* tree.getOrStart(definition, "c")
  })
)

it.effect("all children end side by side, and none starts after that", () =>
  Effect.gen(function* () {
    const scope = yield* Scope.make()
    const { tree, definition, log } = yield* Scope.provide(chats(), scope)
    for (const key of ["a", "b", "c"]) {
      const ref = yield* tree.getOrStart(definition, key)
      yield* ref.cast(act(Effect.never))
    }
    yield* settle
    const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
    yield* settle
    expect((yield* Effect.flip(tree.getOrStart(definition, "d"))).cause).toContain("not running")
    yield* TestClock.adjust("5 seconds")
    yield* Fiber.join(closing)
    expect(log.slice(3).toSorted()).toEqual(["a ends", "b ends", "c ends"])
    expect((yield* Effect.flip(tree.getOrStart(definition, "a"))).cause).toContain("not running")
    expect((yield* tree.snapshot).map((info) => info.path)).toEqual(["/", "/session/chats"])
  })
)

it.effect("crash storm: 1 % of 10,000 children a second for a minute; nothing but the crashed restarts", () =>
  Effect.gen(function* () {
    const size = 10_000
    const aSecond = size / 100
    const starts = new Map<string, number>()
    const events: Array<SupervisionEvent> = []
    const definition = dynamic({
      name: "runs",
      child: (key: string) =>
        actor({
          kind: "run",
          start: (_: Self<ProbeMessage>) =>
            Effect.sync(() => {
              starts.set(key, (starts.get(key) ?? 0) + 1)
              return (message: ProbeMessage) => {
                if (message.type === "die") throw new Error(message.reason)
                if (message.type === "echo") message.reply.succeed(message.text)
              }
            })
        }),
      // The product's own settings.
      intensity: 5,
      period: "60 seconds"
    })
    const sibling = probe("sibling", [])
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "rest_for_one",
        intensity: 3,
        period: "60 seconds",
        children: [child("runs", definition), child("sibling", sibling)]
      }),
      { onEvent: (event) => void events.push(event), ring: 100_000 }
    )
    const refs: Array<ActorRef<ProbeMessage>> = []
    for (let index = 0; index < size; index++) refs.push(yield* tree.getOrStart(definition, `${index}`))
    const incarnations = Effect.map(tree.snapshot, (infos) => new Map(infos.map((info) => [info.path, info.restarts])))

    const crashes = new Map<string, number>()
    // Every third second the same hundred crash again: up to four times within the period, none beyond its intensity.
    for (let second = 0; second < 60; second++) {
      const group = second % 3 === 0 ? Math.floor(second / 15) : 10 + second
      for (let index = group * aSecond; index < (group + 1) * aSecond; index++) {
        const ref = refs[index]
        if (ref === undefined) return expect.unreachable()
        yield* ref.cast(die("storm"))
        crashes.set(ref.path, (crashes.get(ref.path) ?? 0) + 1)
      }
      yield* settle
      yield* TestClock.adjust("1 second")
    }
    yield* TestClock.adjust("10 seconds")

    const restarts = yield* incarnations
    for (const ref of refs) {
      const crashed = crashes.get(ref.path) ?? 0
      if (restarts.get(ref.path) !== crashed) expect.unreachable(`${ref.path}: ${restarts.get(ref.path)} of ${crashed}`)
    }
    expect(restarts.get("/")).toBe(0)
    expect(restarts.get("/runs")).toBe(0)
    expect(restarts.get("/sibling")).toBe(0)
    expect([...starts.values()].reduce((sum, count) => sum + count, 0)).toBe(size + 60 * aSecond)
    expect(events.filter((event) => event.type === "child_crashed")).toHaveLength(60 * aSecond)
    expect(events.filter((event) => event.type === "child_restarted")).toHaveLength(60 * aSecond)
    expect(events.some((event) => event.type === "gave_up")).toBe(false)
    for (const ref of refs) expect(yield* ref.call(echo("alive"), second)).toBe("alive")
  })
)

it.effect("the whole dynamic supervisor can be restarted: it comes back empty, and under the same definition", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const definition = dynamic({
      name: "chats",
      child: (key: string) => probe(key, log),
      intensity: 1,
      period: "1 minute"
    })
    const first = probe("first", log)
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_all",
        intensity: 1,
        period: "1 minute",
        backoff,
        children: [child("first", first), child("chats", definition)]
      })
    )
    yield* tree.getOrStart(definition, "a")
    yield* tree.crash("/first", Cause.die("chaos"))
    yield* settle
    expect(log).toEqual(["first starts", "a starts", "first ends", "a ends"])
    yield* TestClock.adjust("1 second")
    expect(Option.isNone(tree.find(definition, "a"))).toBe(true)
    yield* tree.getOrStart(definition, "a")
    expect(log.slice(4)).toEqual(["first starts", "a starts"])
  })
)
