/**
 * What an idle actor costs: bytes of heap each, for 20,000 dynamic children, and how many start a second.
 * nact's actors are the peer, made and measured in the same run. Needs `--expose-gc`.
 */
import { actor, child, dynamic, type Reply, type Self, start, supervisor } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { spawn, start as startNact, stop } from "nact"
import { report, thousands, times } from "../support/report.ts"

const size = 20_000
const limit = 3 * 1024

const heap = () => {
  if (globalThis.gc === undefined) throw new Error("Run with --expose-gc")
  for (let round = 0; round < 5; round++) globalThis.gc()
  return process.memoryUsage().heapUsed
}

const idle = dynamic({
  name: "idle",
  child: () =>
    actor({
      kind: "idle",
      start: (_: Self<Reply<number>>) =>
        Effect.sync(() => {
          let count = 0
          return (reply: Reply<number>) => reply.succeed(++count)
        })
    }),
  intensity: 5,
  period: "60 seconds"
})

const measured = Effect.gen(function* () {
  const tree = yield* start(
    supervisor({
      name: "root",
      strategy: "one_for_one",
      intensity: 3,
      period: "60 seconds",
      children: [child("idle", idle)]
    })
  )
  for (let index = 0; index < 100; index++) yield* tree.getOrStart(idle, `warm ${index}`)
  const before = heap()
  const from = performance.now()
  for (let index = 0; index < size; index++) yield* tree.getOrStart(idle, `${index}`)
  const started = (size / (performance.now() - from)) * 1_000
  const fresh = (heap() - before) / size
  for (let index = 0; index < size; index++) {
    const ref = yield* tree.getOrStart(idle, `${index}`)
    yield* ref.call<number>((reply) => reply, { timeout: "5 seconds" })
  }
  return { fresh, used: (heap() - before) / size, started }
})

const ours = await Effect.runPromise(Effect.scoped(measured))

const system = startNact()
const before = heap()
const from = performance.now()
for (let index = 0; index < size; index++) spawn(system, (count: number = 0) => count + 1, `${index}`)
const nactStarted = (size / (performance.now() - from)) * 1_000
const nact = (heap() - before) / size
stop(system)

const bytes = (value: number) => `${thousands(value)} bytes`
report(`${thousands(size)} idle actors`, [
  {
    measure: "idle actor, never used",
    measured: bytes(ours.fresh),
    peer: `nact: ${bytes(nact)}`,
    ratio: times(nact / ours.fresh)
  },
  { measure: "idle actor, after a call", measured: bytes(ours.used), limits: [[bytes(limit), ours.used <= limit]] },
  {
    measure: "actors started",
    measured: `${thousands(ours.started)} /s`,
    peer: `nact: ${thousands(nactStarted)} /s`,
    ratio: times(ours.started / nactStarted)
  }
])
