import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { act, alone, die, echo, gate, note, self, settle } from "../test/fixtures.ts"
import {
  ActorDead,
  type ActorRef,
  actor,
  CallTimeout,
  child,
  MailboxFull,
  type Reply,
  type Self,
  SelfCall,
  start,
  supervisor
} from "./index.ts"

const second = { timeout: "1 second" } as const

it.effect("messages are handled one at a time, in the order they were sent", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const { ref } = yield* alone(log)
    const door = gate()
    yield* ref.cast(
      act(
        Effect.andThen(
          door.pass,
          Effect.sync(() => log.push("slow is done"))
        )
      )
    )
    yield* ref.cast(note("1"))
    yield* door.reached
    yield* ref.cast(note("2"))
    yield* door.open
    yield* ref.call(echo("sync"), second)

    expect(log).toEqual(["a starts", "slow is done", "a 1", "a 2"])
  })
)

it.effect("a call is answered at once, later, or with the actor's own error", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    expect(yield* ref.call(echo("now"), second)).toBe("now")

    const kept: Array<Reply<string, string>> = []
    const keep = (reply: Reply<string, string>) => {
      kept.push(reply)
      return { type: "keep", reply } as const
    }
    const later = yield* Effect.forkChild(ref.call<string, string>(keep, second))
    const refused = yield* Effect.forkChild(Effect.flip(ref.call<string, string>(keep, second)))
    yield* settle
    kept[0]?.succeed("later")
    kept[0]?.succeed("and again")
    kept[1]?.fail("no")

    expect(yield* Fiber.join(later)).toBe("later")
    expect(yield* Fiber.join(refused)).toBe("no")
  })
)

it.effect("a call that is not answered in time fails with CallTimeout, exactly then", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const call = (timeout: number) =>
      Effect.forkChild(Effect.exit(ref.call<string, string>((reply) => ({ type: "keep", reply }), { timeout })))
    const slow = yield* call(5_000)
    const fast = yield* call(50)
    const middle = yield* call(1_000)
    yield* settle
    yield* TestClock.adjust(49)
    expect(fast.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(1)
    expect(yield* Fiber.join(fast)).toEqual(Exit.fail(new CallTimeout({ path: "/a", timeoutMs: 50 })))
    expect(middle.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(950)
    expect(middle.pollUnsafe()).toBeDefined()
    expect(slow.pollUnsafe()).toBeUndefined()
    yield* TestClock.adjust(4_000)
    expect(slow.pollUnsafe()).toBeDefined()
    // The actor itself was not touched by it.
    expect(yield* ref.call(echo("here"), second)).toBe("here")
  })
)

it.effect("an answer that comes after the deadline is dropped", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const kept: Array<Reply<string, string>> = []
    const call = yield* Effect.forkChild(
      Effect.flip(
        ref.call<string, string>((reply) => {
          kept.push(reply)
          return { type: "keep", reply }
        }, second)
      )
    )
    yield* settle
    yield* TestClock.adjust("1 second")
    kept[0]?.succeed("too late")
    expect(yield* Fiber.join(call)).toBeInstanceOf(CallTimeout)
  })
)

it.effect("a full mailbox refuses casts and calls, and takes them again when there is room", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const { ref, tree } = yield* alone(log, { mailbox: 3 })
    const door = gate()
    yield* ref.cast(act(door.pass))
    yield* door.reached
    for (const text of ["1", "2", "3"]) yield* ref.cast(note(text))
    expect(yield* Effect.flip(ref.cast(note("4")))).toEqual(new MailboxFull({ path: "/a", capacity: 3 }))
    expect(yield* Effect.flip(ref.call(echo("5"), second))).toBeInstanceOf(MailboxFull)
    expect((yield* tree.snapshot).find((info) => info.path === "/a")?.mailbox).toBe(3)

    yield* door.open
    yield* settle
    yield* ref.call(echo("room"), second)
    yield* ref.cast(note("6"))
    yield* settle
    expect(log).toEqual(["a starts", "a 1", "a 2", "a 3", "a 6"])
  })
)

it.effect("a sender that never yields does not fill the mailbox of an idle actor", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone([], { mailbox: 8 })
    let handled = 0
    const count = act(Effect.sync(() => void handled++))
    for (let index = 0; index < 1_000; index++) Effect.runSync(ref.cast(count))
    yield* ref.call(echo("sync"), second)
    expect(handled).toBe(1_000)
  })
)

it.effect("an actor that calls itself is refused at once, in a handler and in start", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const result = Deferred.makeUnsafe<unknown>()
    yield* ref.cast(
      act(
        Effect.asVoid(Effect.andThen(Effect.yieldNow, Effect.exit(ref.call(echo("me"), second)))).pipe(
          Effect.andThen(Effect.flip(ref.call(echo("me"), second))),
          Effect.orDie,
          Effect.flatMap((error) => Deferred.succeed(result, error)),
          Effect.asVoid
        )
      )
    )
    // The test clock stands still: only a refusal can come.
    expect(yield* Deferred.await(result)).toEqual(new SelfCall({ path: "/a" }))

    const selfish = actor({
      kind: "selfish",
      start: (me: Self<{ reply: Reply<string> }>) =>
        Effect.as(
          me.ref.call<string>((reply) => ({ reply }), second),
          () => {}
        )
    })
    const failed = yield* Effect.flip(
      start(
        supervisor({
          name: "root",
          strategy: "one_for_one",
          intensity: 0,
          period: 1_000,
          children: [child("s", selfish)]
        })
      )
    )
    expect(failed.path).toBe("/s")
    expect(failed.cause).toContain("called itself")
  })
)

it.effect("a fiber that a handler forked may call the actor", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const me = yield* ref.call(self, second)
    const answer = Deferred.makeUnsafe<string>()
    yield* ref.cast(
      act(
        Effect.asVoid(
          me.fork(Effect.flatMap(ref.call(echo("forked"), second), (text) => Deferred.succeed(answer, text)))
        )
      )
    )
    expect(yield* Deferred.await(answer)).toBe("forked")
  })
)

it.effect("a crash tells every waiting caller at once, and loses the mailbox", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const { ref } = yield* alone(log)
    const kept = yield* Effect.forkChild(
      Effect.flip(ref.call<string, string>((reply) => ({ type: "keep", reply }), { timeout: "1 hour" }))
    )
    yield* settle
    const door = gate()
    yield* ref.cast(act(Effect.andThen(door.pass, Effect.die(new Error("boom")))))
    yield* door.reached
    yield* ref.cast(note("lost"))
    const queued = yield* Effect.forkChild(Effect.flip(ref.call(echo("x"), { timeout: "1 hour" })))
    yield* settle
    yield* door.open

    expect(yield* Fiber.join(kept)).toEqual(new ActorDead({ path: "/a", reason: "crashed: Error: boom" }))
    expect(yield* Fiber.join(queued)).toBeInstanceOf(ActorDead)
    yield* settle
    expect(yield* Effect.flip(ref.cast(note("too early")))).toEqual(
      new ActorDead({ path: "/a", reason: "it is being restarted (crashed: Error: boom)" })
    )
    yield* TestClock.adjust("1 second")
    yield* ref.cast(note("again"))
    yield* settle
    expect(log).toEqual(["a starts", "a ends", "a starts", "a again"])
  })
)

it.effect("a synchronous call whose handler throws fails with ActorDead", () =>
  Effect.gen(function* () {
    const thrower = actor({
      kind: "thrower",
      start: (_: Self<Reply<string>>) =>
        Effect.succeed((_reply: Reply<string>) => {
          throw new Error("no")
        })
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: 1_000,
        children: [child("t", thrower)]
      })
    )
    expect(yield* Effect.flip(tree.ref(thrower).call<string>((reply) => reply, second))).toBeInstanceOf(ActorDead)
  })
)

it.effect("mail that comes while the actor starts waits for it", () =>
  Effect.gen(function* () {
    const door = gate()
    const seen: Array<number> = []
    let starts = 0
    const slow = actor({
      kind: "slow",
      start: Effect.fnUntraced(function* (_: Self<number>) {
        if (++starts > 1) yield* door.pass
        return (message: number) => {
          if (message < 0) throw new Error("negative")
          seen.push(message)
        }
      })
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: 1_000,
        backoff: { initial: 10, factor: 1, max: 10 },
        children: [child("slow", slow)]
      })
    )
    const ref = tree.ref(slow)
    yield* ref.cast(-1)
    yield* settle
    yield* TestClock.adjust(10)
    yield* door.reached
    yield* ref.cast(1)
    yield* ref.cast(2)
    expect(seen).toEqual([])
    yield* door.open
    yield* settle
    expect(seen).toEqual([1, 2])
  })
)

it.effect("self.stop ends normally after the message; what is linked and scoped goes with it", () =>
  Effect.gen(function* () {
    const log: Array<string> = []
    const { ref, tree } = yield* alone(log)
    const me = yield* ref.call(self, second)
    const background = yield* me.fork(
      Effect.onInterrupt(Effect.never, () => Effect.sync(() => log.push("interrupted")))
    )
    yield* Effect.forkIn(Effect.never, me.scope)
    yield* settle
    const down = yield* ref.monitor
    yield* ref.cast({ type: "stop" })
    expect(yield* down).toEqual({ path: "/a", incarnation: me.incarnation, reason: "normal", cause: "" })
    expect(background.pollUnsafe()).toBeDefined()
    expect(log).toEqual(["a starts", "interrupted", "a ends"])
    // Permanent: it comes back, as a later incarnation.
    yield* TestClock.adjust("1 second")
    expect((yield* ref.call(self, second)).incarnation).toBeGreaterThan(me.incarnation)
    expect((yield* tree.snapshot)[1]?.restarts).toBe(1)
  })
)

it.effect("a linked fiber's failure crashes the actor, its interruption does not", () =>
  Effect.gen(function* () {
    const { ref, events } = yield* alone()
    const me = yield* ref.call(self, second)
    const stopped = yield* me.fork(Effect.never)
    yield* Fiber.interrupt(stopped)
    yield* settle
    expect(yield* ref.call(echo("still here"), second)).toBe("still here")

    const down = yield* ref.monitor
    yield* me.fork(Effect.fail("background trouble"))
    expect((yield* down).cause).toBe("background trouble")
    yield* settle
    expect(events.filter((event) => event.type === "child_crashed")).toHaveLength(1)
  })
)

it.effect("a monitor is told of one incarnation, and of none when none lives", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const scope = yield* Scope.make()
    const dropped = yield* Scope.provide(ref.monitor, scope)
    yield* Scope.close(scope, Exit.void)
    const down = yield* ref.monitor
    yield* ref.cast(die())
    expect(yield* down).toMatchObject({ path: "/a", reason: "crashed", cause: "Error: boom" })
    expect((yield* Effect.flatten(ref.monitor)).reason).toBe("not_running")
    const waiting = yield* Effect.forkChild(dropped)
    yield* settle
    expect(waiting.pollUnsafe()).toBeUndefined()
    yield* Fiber.interrupt(waiting)
  })
)

it.effect("an interrupted caller leaves nothing behind, and its actor goes on", () =>
  Effect.gen(function* () {
    const { ref } = yield* alone()
    const call = yield* Effect.forkChild(
      ref.call<string, string>((reply) => ({ type: "keep", reply }), { timeout: "1 hour" })
    )
    yield* settle
    yield* Fiber.interrupt(call)
    const exit = yield* Fiber.await(call)
    expect(Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause)).toBe(true)
    expect(yield* ref.call(echo("on"), second)).toBe("on")
  })
)

it.effect("a chain of calls through 2,000 actors does not overflow the stack", () =>
  Effect.gen(function* () {
    const refs: Array<ActorRef<Reply<number>>> = []
    const length = 2_000
    const hop = (index: number) =>
      actor({
        kind: "hop",
        start: (me: Self<Reply<number>>) =>
          Effect.sync(() => {
            refs[index] = me.ref
            return (reply: Reply<number>) => {
              const next = refs[index + 1]
              if (next === undefined) return reply.succeed(1)
              return next
                .call<number>((below) => below, { timeout: "1 minute" })
                .pipe(
                  Effect.orDie,
                  Effect.map((depth) => reply.succeed(depth + 1))
                )
            }
          })
      })
    yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 1,
        period: 1_000,
        children: Array.from({ length }, (_, index) => child(`${index}`, hop(index)))
      })
    )
    const first = refs[0]
    if (first === undefined) return expect.unreachable()
    expect(yield* first.call<number>((reply) => reply, { timeout: "1 minute" })).toBe(length)
  })
)

it.live("many senders at once: every message arrives once, each sender's in order", () =>
  Effect.gen(function* () {
    const last = new Map<number, number>()
    let received = 0
    const sink = actor({
      kind: "sink",
      start: (_: Self<readonly [number, number]>) =>
        Effect.succeed(([sender, number]: readonly [number, number]) => {
          if (number !== (last.get(sender) ?? -1) + 1) throw new Error("out of order")
          last.set(sender, number)
          received++
        })
    })
    const tree = yield* start(
      supervisor({
        name: "root",
        strategy: "one_for_one",
        intensity: 0,
        period: 1_000,
        children: [child("sink", sink)]
      })
    )
    const ref = tree.ref(sink)
    yield* Effect.forEach(
      Array.from({ length: 50 }, (_, sender) => sender),
      (sender) =>
        Effect.gen(function* () {
          for (let number = 0; number < 1_000; number++) {
            yield* Effect.retry(ref.cast([sender, number]), {
              while: (error) => error._tag === "Supervision.MailboxFull"
            })
          }
        }),
      { concurrency: "unbounded", discard: true }
    )
    while (received < 50_000) yield* Effect.yieldNow
    expect([...last.values()].every((number) => number === 999)).toBe(true)
  })
)
