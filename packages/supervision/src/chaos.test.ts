import { expect, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Scope from "effect/Scope"
import { TestClock } from "effect/testing"
import { act, die, probe, settle } from "../test/fixtures.ts"
import { child, dynamic, type Strategy, start, supervisor } from "./index.ts"

/** A small linear congruential generator: the same seed is the same storm. */
const dice = (seed: number) => {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const strategies: ReadonlyArray<Strategy> = ["one_for_one", "one_for_all", "rest_for_one"]

it.effect(
  "whatever crashes, stops and starts in whatever order: it comes to rest whole, and ends with nothing left",
  () =>
    Effect.gen(function* () {
      for (let seed = 1; seed <= 60; seed++) {
        const roll = dice(seed)
        const log: Array<string> = []
        const strategy = strategies[seed % 3] ?? "one_for_one"
        const limits = {
          intensity: 1_000,
          period: "1 minute",
          backoff: { initial: "100 millis", factor: 1.1, max: "1 second" }
        } as const
        const fixed = ["a", "b", "c"].map((name) =>
          probe(name, log, { failStarts: new Set([2 + roll(3), 7 + roll(3)]) })
        )
        const inner = ["x", "y"].map((name) => probe(name, log))
        const runs = dynamic({ name: "runs", child: (key) => probe(key, log), shutdown: "1 second", ...limits })
        const scope = yield* Scope.make()
        const tree = yield* Scope.provide(
          start(
            supervisor({
              name: "root",
              strategy,
              ...limits,
              children: [
                ...fixed.map((definition, index) => child(`${index}`, definition, { shutdown: "1 second" })),
                child(
                  "inner",
                  supervisor({
                    name: "inner",
                    strategy: strategies[roll(3)] ?? "one_for_one",
                    ...limits,
                    children: inner.map((definition, index) => child(`${index}`, definition))
                  })
                ),
                child("runs", runs)
              ]
            })
          ),
          scope
        )
        for (let step = 0; step < 60; step++) {
          const paths = (yield* tree.snapshot).map((info) => info.path).filter((path) => path !== "/")
          switch (roll(7)) {
            case 0:
            case 1:
              yield* tree.crash(paths[roll(paths.length)] ?? "", Cause.die("chaos"))
              break
            case 2:
              yield* Effect.forkChild(Effect.exit(tree.getOrStart(runs, `${roll(4)}`)))
              break
            case 3:
              yield* Effect.forkChild(tree.stopChild(runs, `${roll(4)}`))
              break
            case 4: {
              const definition = fixed[roll(3)]
              if (definition === undefined) return expect.unreachable()
              yield* Effect.exit(tree.ref(definition).cast(roll(2) === 0 ? die() : act(Effect.sleep("300 millis"))))
              break
            }
            case 5:
              yield* settle
              break
            default:
              yield* TestClock.adjust(roll(400))
          }
        }
        for (let waited = 0; waited < 60; waited++) yield* TestClock.adjust("1 second")
        const unrest = (yield* tree.snapshot).filter((info) => info.state !== "running")
        expect(unrest, `seed ${seed}`).toEqual([])

        const closing = yield* Effect.forkChild(Scope.close(scope, Exit.void))
        yield* settle
        for (let waited = 0; waited < 10; waited++) yield* TestClock.adjust("1 second")
        yield* Fiber.join(closing)
        const balance = new Map<string, number>()
        for (const line of log) {
          const [name = "", what] = line.split(" ")
          if (what === "refuses") continue
          const lives = (balance.get(name) ?? 0) + (what === "starts" ? 1 : -1)
          // Never two incarnations of one child at once.
          if (lives < 0 || lives > 1) expect.unreachable(`seed ${seed}: ${lives} incarnations of ${name}`)
          balance.set(name, lives)
        }
        expect(
          [...balance.values()].every((lives) => lives === 0),
          `seed ${seed}`
        ).toBe(true)
        expect(yield* tree.abandoned).toBe(0)
      }
    })
)
