/** The writer against stores that fail. */
import { expect, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { Full } from "./Errors.ts"
import { makeMemoryStore } from "./MemoryStore.ts"
import { erasedPayload, type NewRow, type Store } from "./Store.ts"
import { makeWriter, type Plan } from "./Writer.ts"

const row = (seq: number, actor_id: string): NewRow => ({
  seq,
  event_id: `id-${seq}-${actor_id}`,
  timestamp: 0,
  event_type: "note.written",
  version: 1,
  actor_id,
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: erasedPayload,
  bytes: erasedPayload.length,
  blobs: []
})

const appending =
  (actor: string): Plan<string> =>
  (draft) =>
    Effect.sync(() => {
      draft.rows.push(row(draft.next, actor))
      draft.next += 1
      return () => actor
    })

const setUp = (commitOf: (store: Store) => Store["commit"]) => {
  const store = makeMemoryStore()
  const commits: Array<ReadonlyArray<string>> = []
  const published: Array<string> = []
  let head = 0
  const commit = commitOf(store)
  const writer = makeWriter({
    store: {
      ...store,
      commit: (change) => {
        commits.push(change.rows.map((each) => each.actor_id))
        return commit(change)
      }
    },
    head: () => head,
    publish: (rows) => {
      head = rows.at(-1)?.seq ?? head
      published.push(...rows.map((each) => each.actor_id))
      return []
    },
    limits: { batchEvents: 10, batchBytes: 1000, queueEvents: 100, queueBytes: 1000 }
  })
  return { writer, commits, published, head: () => head }
}

const size = { events: 1, bytes: 1 }

it.effect("a batch that fails is retried one by one: one bad event costs no other", () =>
  Effect.gen(function* () {
    const { commits, head, published, writer } = setUp(
      (store) => (change) =>
        change.rows.some((each) => each.actor_id === "bad")
          ? Effect.fail(new Full({ message: "no room for it" }))
          : change.rows.some((each) => each.actor_id === "broken")
            ? Effect.die(new Error("a defect of the store"))
            : store.commit(change)
    )
    yield* Effect.forkChild(writer.loop)
    const exits = yield* Effect.forEach(
      ["a", "bad", "b", "broken", "c"],
      (actor) => Effect.exit(writer.submit(size, appending(actor))),
      { concurrency: "unbounded" }
    )
    expect(exits.map(Exit.isSuccess)).toEqual([true, false, true, false, true])
    expect(commits[0]).toEqual(["a", "bad", "b", "broken", "c"])
    expect(published).toEqual(["a", "b", "c"])
    expect(head()).toBe(3)
    // And it still runs.
    expect(yield* writer.submit(size, appending("d"))).toBe("d")
  })
)

it.effect("a commit is bounded by its limits, and keeps the order", () =>
  Effect.gen(function* () {
    const { commits, published, writer } = setUp((store) => store.commit)
    yield* Effect.forkChild(writer.loop)
    const actors = Array.from({ length: 25 }, (_, index) => `${index}`)
    yield* Effect.forEach(actors, (actor) => writer.submit(size, appending(actor)), { concurrency: "unbounded" })
    expect(commits.map((commit) => commit.length)).toEqual([10, 10, 5])
    expect(published).toEqual(actors)
    // One append is never split, however large.
    yield* writer.submit({ events: 50, bytes: 5000 }, appending("large"))
    expect(published.at(-1)).toBe("large")
  })
)

it.effect("work that is alone runs between commits", () =>
  Effect.gen(function* () {
    const { commits, published, writer } = setUp((store) => store.commit)
    const before = yield* Effect.forkChild(writer.submit(size, appending("before")))
    yield* Effect.yieldNow
    const alone = yield* Effect.forkChild(writer.alone(Effect.sync(() => [...published])))
    yield* Effect.yieldNow
    const after = yield* Effect.forkChild(writer.submit(size, appending("after")))
    yield* Effect.forkChild(writer.loop)
    expect(yield* Fiber.join(alone)).toEqual(["before"])
    yield* Fiber.join(before)
    yield* Fiber.join(after)
    expect(commits).toEqual([["before"], ["after"]])
  })
)

it.effect("a second loop is refused", () =>
  Effect.gen(function* () {
    const { writer } = setUp((store) => store.commit)
    yield* Effect.forkChild(writer.loop)
    yield* Effect.yieldNow
    expect(Exit.isFailure(yield* Effect.exit(writer.loop))).toBe(true)
    expect(yield* Effect.forkChild(writer.submit(size, appending("a"))).pipe(Effect.flatMap(Fiber.join))).toBe("a")
  })
)

it.effect("what waits when the log is closed fails, and so does what comes", () =>
  Effect.gen(function* () {
    const { commits, writer } = setUp((store) => store.commit)
    const waiting = yield* Effect.forkChild(Effect.flip(writer.submit(size, appending("a"))))
    const alone = yield* Effect.forkChild(Effect.flip(writer.alone(Effect.void)))
    yield* Effect.yieldNow
    yield* writer.close
    expect(yield* Fiber.join(waiting)).toMatchObject({ reason: "stopped" })
    expect(yield* Fiber.join(alone)).toMatchObject({ reason: "stopped" })
    expect(yield* Effect.flip(writer.submit(size, appending("b")))).toMatchObject({ reason: "stopped" })
    expect(commits).toEqual([])
  })
)
