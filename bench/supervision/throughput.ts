/**
 * Messages a second, against xstate and nact in the same run.
 *
 * Every pair measures ours and the peer's right after one another, in alternating order, so that a busy machine hits
 * both. What is reported is the median of the pairs' ratios, and the median rates.
 *
 * What is compared: a counter with state. `cast` is fire and forget, ended by one call that proves that all arrived.
 * `call` asks for the count and waits. xstate has no call: its event carries a callback, wrapped in a promise; it is
 * synchronous, without mailbox bound, timeout or supervision. nact's `query` has a timer a call.
 */
import { actor, child, type Reply, type Self, start, supervisor } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { dispatch, query, type Ref, spawn, start as startNact, stop } from "nact"
import { createActor, fromTransition } from "xstate"
import { Calibration } from "../support/calibration.ts"
import { contest, rate, setting } from "../support/measure.ts"
import { type Line, report, thousands, times } from "../support/report.ts"

interface Contender {
  readonly name: string
  /** Messages of one sample: about 50 ms of work. */
  readonly size: { readonly cast: number; readonly call: number }
  readonly cast: (count: number) => Promise<void>
  readonly call: (count: number, senders: number) => Promise<void>
  readonly close: () => Promise<void>
}

type Message =
  | { readonly type: "add" }
  | { readonly type: "get"; readonly reply: Reply<number> }
  | { readonly type: "later"; readonly reply: Reply<number> }
  | { readonly type: "kept"; readonly reply: Reply<number> }

const pairs = setting("PAIRS", 21)

const expectCount = (actual: number, expected: number) => {
  if (actual !== expected) throw new Error(`${actual} of ${expected} messages arrived`)
}

/**
 * `get` is answered in a plain handler; `later` in one that returns an effect, which costs a fiber; `kept` after the
 * handler has returned, so that the caller waits under the sweep of deadlines.
 */
const names = { get: "ChoirOS", later: "effect handler", kept: "kept reply" } as const

const ours = async (type: keyof typeof names): Promise<Contender> => {
  const counter = actor({
    kind: "counter",
    start: (_: Self<Message>) =>
      Effect.sync(() => {
        let count = 0
        return (message: Message) => {
          switch (message.type) {
            case "add":
              count++
              return
            case "get":
              return message.reply.succeed(count)
            case "later":
              return Effect.sync(() => message.reply.succeed(count))
            case "kept":
              queueMicrotask(() => message.reply.succeed(count))
              return
          }
        }
      })
  })
  const root = supervisor({
    name: "root",
    strategy: "one_for_one",
    intensity: 3,
    period: "1 minute",
    children: [child("counter", counter)]
  })
  const opened = Promise.withResolvers<Contender>()
  const closed = Promise.withResolvers<void>()
  const program = Effect.gen(function* () {
    const tree = yield* start(root)
    const ref = tree.ref(counter)
    const ask = () => ref.call<number>((reply) => ({ type, reply }), { timeout: "5 seconds" })
    let total = 0
    opened.resolve({
      name: names[type],
      size: { cast: 200_000, call: 150_000 },
      cast: (count) => {
        total += count
        return Effect.runPromise(
          Effect.gen(function* () {
            for (let index = 0; index < count; index++) yield* ref.cast({ type: "add" })
            expectCount(yield* ask(), total)
          })
        )
      },
      call: (count, senders) =>
        Effect.runPromise(
          Effect.forEach(
            Array.from({ length: senders }),
            () =>
              Effect.gen(function* () {
                for (let index = 0; index < count / senders; index++) yield* ask()
              }),
            { concurrency: "unbounded", discard: true }
          )
        ),
      close: async () => {
        closed.resolve()
        await running
      }
    })
    yield* Effect.promise(() => closed.promise)
  })
  const running = Effect.runPromise(Effect.scoped(program))
  return opened.promise
}

const xstate = (): Contender => {
  type Event = { type: "add" } | { type: "get"; reply: (count: number) => void }
  const counter = createActor(
    fromTransition(
      (state: { count: number }, event: Event) => {
        if (event.type === "add") return { count: state.count + 1 }
        if (event.type === "get") event.reply(state.count)
        return state
      },
      { count: 0 }
    )
  )
  counter.start()
  const ask = () => new Promise<number>((resolve) => counter.send({ type: "get", reply: resolve }))
  let total = 0
  return {
    name: "xstate 5.33.3",
    size: { cast: 300_000, call: 300_000 },
    cast: async (count) => {
      total += count
      for (let index = 0; index < count; index++) counter.send({ type: "add" })
      expectCount(await ask(), total)
    },
    call: (count, senders) => many(count, senders, ask),
    close: async () => {
      counter.stop()
    }
  }
}

const nact = (): Contender => {
  type Event = { type: "add" } | { type: "get"; sender: Ref<number> }
  const system = startNact()
  const counter: Ref<Event> = spawn(system, (count: number = 0, message: Event) => {
    if (message.type === "add") return count + 1
    dispatch(message.sender, count)
    return count
  })
  const ask = (): Promise<number> => query(counter, (sender: Ref<number>) => ({ type: "get" as const, sender }), 5_000)
  let total = 0
  return {
    name: "nact 7.6.2",
    size: { cast: 20_000, call: 20_000 },
    cast: async (count) => {
      total += count
      for (let index = 0; index < count; index++) dispatch(counter, { type: "add" })
      expectCount(await ask(), total)
    },
    call: (count, senders) => many(count, senders, ask),
    close: async () => stop(system)
  }
}

const many = async (count: number, senders: number, ask: () => Promise<number>) => {
  const one = async () => {
    for (let index = 0; index < count / senders; index++) await ask()
  }
  await Promise.all(Array.from({ length: senders }, one))
}

interface Workload {
  readonly name: string
  readonly floor: number
  readonly run: (contender: Contender) => Promise<number>
}

const workloads: ReadonlyArray<Workload> = [
  { name: "cast, 1 sender", floor: 500_000, run: (c) => rate(c.size.cast, () => c.cast(c.size.cast)) },
  { name: "call, 1 sender", floor: 150_000, run: (c) => rate(c.size.call, () => c.call(c.size.call, 1)) },
  { name: "call, 100 senders", floor: 150_000, run: (c) => rate(c.size.call, () => c.call(c.size.call, 100)) }
]

const subjects = [await ours("get"), await ours("later"), await ours("kept")]
const peers = [xstate(), nact()]
const calibration = new Calibration()
const lines: Array<Line> = []

for (const workload of workloads) {
  for (const subject of subjects) {
    // They differ for calls alone.
    if (workload.name.startsWith("cast") && subject !== subjects[0]) continue
    for (const peer of peers) {
      const { medians, ratios } = await contest(
        pairs,
        [() => workload.run(subject), () => workload.run(peer)],
        calibration.sample
      )
      const [own = 0, theirs = 0] = medians
      lines.push({
        measure: `${workload.name}${subject === subjects[0] ? "" : ` (${subject.name})`}`,
        measured: `${thousands(own)} /s`,
        peer: `${peer.name}: ${thousands(theirs)} /s`,
        ratio: times(ratios[1] ?? 0),
        limits: [[`${thousands(workload.floor)} /s`, own >= workload.floor]]
      })
    }
  }
}

for (const contender of [...subjects, ...peers]) await contender.close()
report(`Messages to an actor, ${pairs} pairs`, lines, calibration)
