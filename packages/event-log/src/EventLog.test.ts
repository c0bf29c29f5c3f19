/** The contract of the log, for every store. */
import { expect, it } from "@effect/vitest"
import { Array as Arr, Clock, Effect, Exit, Fiber, Layer, Option, Stream } from "effect"
import { catalog, note, olderCatalog } from "../test/notes.ts"
import { temporaryFolder } from "../test/temporary.ts"
import { EventLog, type Item, type NewEvent, type Subscription } from "./index.ts"
import { blobOf } from "./payload.ts"

const stores: ReadonlyArray<[string, (limits?: { queueEvents: number }) => Layer.Layer<EventLog, unknown>]> = [
  ["in memory", (limits) => EventLog.layerMemory({ catalog, forkWriter: true, limits })],
  [
    "in a file",
    (limits) =>
      Layer.unwrap(
        Effect.map(temporaryFolder, (folder) =>
          EventLog.layer({ catalog, path: `${folder}/log.db`, blobs: `${folder}/blobs`, forkWriter: true, limits })
        )
      )
  ]
]

const texts = (events: ReadonlyArray<{ readonly payload: unknown }>) =>
  events.map(({ payload }) =>
    typeof payload === "object" && payload !== null ? Reflect.get(payload, "text") : undefined
  )

/** Takes until `enough` holds of what came. */
const takeUntil = Effect.fnUntraced(function* (
  subscription: Subscription,
  enough: (items: ReadonlyArray<Item>) => boolean
) {
  const items: Array<Item> = []
  while (!enough(items)) items.push(...(yield* subscription.take))
  return items
})
const seqs = (items: ReadonlyArray<Item>) => items.flatMap((item) => (item._tag === "Event" ? [item.event.seq] : []))
const tags = (items: ReadonlyArray<Item>) => items.map((item) => item._tag)
const upTo = (count: number) => Arr.range(1, count)

for (const [name, makeLayer] of stores) {
  const test = (title: string, body: () => Effect.Effect<void, unknown, EventLog>) =>
    it.live(`${name}: ${title}`, () => body().pipe(Effect.provide(makeLayer())))

  test("what is appended is read, in order, with its envelope", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const envelope = {
        user_id: "u",
        session_id: "s",
        thread_id: "t",
        run_id: "r",
        correlation_id: "c",
        causation_id: "b",
        event_id: "my-id"
      }
      const before = yield* Clock.currentTimeMillis
      const [one, two] = yield* log.append([note("one", envelope), note("two")])
      expect(one).toMatchObject({ seq: 1, event_type: "note.written", version: 1, actor_id: "writer", ...envelope })
      expect(two).toMatchObject({ seq: 2, user_id: null, session_id: null, thread_id: null, run_id: null })
      expect(two?.event_id).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
      expect(Date.parse(one?.timestamp ?? "")).toBeGreaterThanOrEqual(before)
      expect(one?.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(yield* log.read({})).toEqual([one, two])
      expect(yield* log.head).toBe(2)
      expect(log.logId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/)
    }))

  test("an empty append is nothing", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      expect(yield* log.append([])).toEqual([])
      expect(yield* log.head).toBe(0)
      expect(yield* log.read({})).toEqual([])
    }))

  test("1,000 concurrent appends: all succeed, each in one piece, without a gap", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const subscription = yield* log.subscribe({ topics: [">"], since: 0, capacity: 10_000 })
      const stored = yield* Effect.forEach(
        Arr.range(0, 999),
        (index) => log.append([note(`${index}a`), note(`${index}b`)]),
        { concurrency: "unbounded" }
      )
      for (const [index, events] of stored.entries()) {
        expect(texts(events)).toEqual([`${index}a`, `${index}b`])
        expect(events[1]?.seq).toBe((events[0]?.seq ?? 0) + 1)
      }
      const all = yield* Stream.runCollect(log.stream({}))
      expect(all.map(({ seq }) => seq)).toEqual(upTo(2000))
      expect([...all].sort((a, b) => (a.event_id < b.event_id ? -1 : 1))).toEqual(all)
      const heard = yield* takeUntil(subscription, (items) => seqs(items).length >= 2000)
      expect(seqs(heard)).toEqual(upTo(2000))
    }).pipe(Effect.scoped))

  test("a subscriber has the event before its append returns", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const order: Array<string> = []
      const subscription = yield* log.subscribe({ topics: ["note.*"] })
      yield* subscription.take
      const listening = yield* Effect.forkChild(
        subscription.take.pipe(Effect.tap(() => Effect.sync(() => order.push("heard"))))
      )
      yield* Effect.yieldNow
      yield* log.append([note("x")])
      order.push("returned")
      yield* Fiber.join(listening)
      expect(order).toEqual(["heard", "returned"])
    }).pipe(Effect.scoped))

  test("queries: by each field, by pattern, by range, both ways", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const events: ReadonlyArray<NewEvent> = Arr.range(0, 1299).map((n) => ({
        ...(n % 7 === 0
          ? { event_type: "paint.picture.drawn", payload: { shapes: [n] } }
          : n % 11 === 0
            ? { event_type: "doc.saved", payload: { title: "t", words: n } }
            : { event_type: "note.written", payload: { text: `${n}`, n } }),
        actor_id: `actor-${n % 3}`,
        session_id: n % 2 === 0 ? `session-${n % 4}` : null,
        thread_id: n % 2 === 0 ? "main" : null,
        run_id: n % 5 === 0 ? `run-${n % 25}` : null,
        correlation_id: `c-${n % 50}`
      }))
      const all = yield* log.append(events)
      const check = Effect.fnUntraced(function* (
        query: Parameters<EventLog["Service"]["read"]>[0],
        keep: (event: (typeof all)[number]) => boolean
      ) {
        const expected = all.filter(keep)
        expect(expected.length, JSON.stringify(query)).toBeGreaterThan(0)
        expect(yield* log.read({ ...query, limit: 5000 }), JSON.stringify(query)).toEqual(expected)
        expect(yield* log.read({ ...query, limit: 7, order: "desc" })).toEqual(expected.toReversed().slice(0, 7))
        expect(yield* log.read({ ...query, limit: 3 })).toEqual(expected.slice(0, 3))
        expect(yield* Stream.runCollect(log.stream({ ...query, order: "desc" }))).toEqual(expected.toReversed())
      })
      yield* check({}, () => true)
      yield* check({ actor_id: "actor-1" }, (event) => event.actor_id === "actor-1")
      yield* check({ session_id: "session-2", thread_id: "main" }, (event) => event.session_id === "session-2")
      yield* check({ thread_id: "main" }, (event) => event.thread_id === "main")
      yield* check({ session_id: "session-0" }, (event) => event.session_id === "session-0")
      yield* check({ run_id: "run-5" }, (event) => event.run_id === "run-5")
      yield* check({ correlation_id: "c-9" }, (event) => event.correlation_id === "c-9")
      yield* check({ types: ["note.*"] }, (event) => event.event_type === "note.written")
      yield* check({ types: ["paint.>", "doc.saved"] }, (event) => event.event_type !== "note.written")
      yield* check({ types: [">"] }, () => true)
      yield* check(
        { types: ["doc.*", "paint.>"], actor_id: "actor-2", since_seq: 100, before_seq: 900 },
        (event) =>
          event.event_type !== "note.written" && event.actor_id === "actor-2" && event.seq > 100 && event.seq < 900
      )
      yield* check(
        { types: ["doc.*", "paint.>"], since_seq: 600, before_seq: 1100 },
        (event) => event.event_type !== "note.written" && event.seq > 600 && event.seq < 1100
      )
      yield* check(
        { run_id: "run-0", correlation_id: "c-0", actor_id: "actor-0" },
        (event) => event.run_id === "run-0" && event.correlation_id === "c-0" && event.actor_id === "actor-0"
      )
      const one = all[700]
      expect(yield* log.read({ event_id: one?.event_id })).toEqual([one])
      expect(yield* log.read({ event_id: one?.event_id, actor_id: "nobody" })).toEqual([])
      expect(yield* log.read({ actor_id: "nobody" })).toEqual([])
      expect(yield* log.read({ types: [] })).toEqual([])
      expect(yield* log.read({ types: ["paint.*"] })).toEqual([])
      expect(yield* log.read({})).toHaveLength(500)
      expect(yield* log.read({ limit: 100_000 })).toHaveLength(1300)
      expect(yield* log.read({ since_seq: 1300 })).toEqual([])
    }))

  test("what is not in the catalog, or has the wrong payload, is refused with all of its append", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const refused = [
        [note("ok"), note("x", { event_type: "note.unknown" })],
        [note("ok"), note("x", { payload: { text: 5 } })],
        [note("ok"), note("x", { payload: "text" })],
        [note("x", { actor_id: "" })],
        [note("x", { run_id: "r".repeat(600) })],
        [note("x", { thread_id: "a\0b" })],
        [note("x", { event_id: "\ud800" })],
        [note("x", { payload: { text: "x", n: Number.NaN } })]
      ]
      for (const events of refused) {
        const error = yield* Effect.flip(log.append(events))
        expect(error._tag).toBe("EventLog.Invalid")
        expect(error.message.length).toBeGreaterThan(10)
      }
      expect(yield* log.head).toBe(0)
    }))

  test("what is not in the schema is not stored, and nobody can change what was", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const shapes = [1, 2]
      const [event] = yield* log.append([
        note("x", { event_type: "paint.picture.drawn", payload: { shapes, more: 1 } })
      ])
      shapes.push(3)
      expect(event?.payload).toEqual({ shapes: [1, 2] })
      expect((yield* log.read({}))[0]?.payload).toEqual({ shapes: [1, 2] })
    }))

  test("of racing writers that expect one version exactly one wins", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append([note("elsewhere")])
      const stream = { run_id: "r" }
      const exits = yield* Effect.forEach(
        Arr.range(0, 19),
        (n) => Effect.exit(log.append([note(`${n}`, stream)], { expected: { stream, version: 0 } })),
        { concurrency: "unbounded" }
      )
      expect(exits.filter(Exit.isSuccess)).toHaveLength(1)
      const version = (yield* log.read({ run_id: "r" }))[0]?.seq ?? 0
      const error = yield* Effect.flip(log.append([note("x", stream)], { expected: { stream, version: 0 } }))
      expect(error).toMatchObject({ _tag: "EventLog.Conflict", reason: "version", actual: version })
      yield* log.append([note("y", stream)], { expected: { stream, version } })
      const scope = { actor_id: "a", session_id: "s", thread_id: "t" }
      yield* log.append([note("z", scope)], { expected: { stream: scope, version: 0 } })
      expect(yield* log.read({ run_id: "r" })).toHaveLength(2)
    }))

  test("a replaced incarnation never writes", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const fence = (incarnation: number) => ({ fence: { key: "run/1", incarnation } })
      yield* log.append([note("a")], fence(1))
      yield* log.claim({ key: "run/1", incarnation: 2 })
      expect(yield* Effect.flip(log.append([note("zombie")], fence(1)))).toMatchObject({ reason: "fence" })
      yield* log.append([note("b")], fence(2))
      yield* log.append([note("c")], fence(5))
      expect(yield* Effect.flip(log.append([note("zombie")], fence(2)))).toMatchObject({ _tag: "EventLog.Conflict" })
      expect(yield* Effect.flip(log.claim({ key: "run/1", incarnation: 4 }))).toMatchObject({ reason: "fence" })
      yield* log.append([note("d")], { fence: { key: "run/2", incarnation: 1 } })
      expect(texts(yield* log.read({}))).toEqual(["a", "b", "c", "d"])
    }))

  test("an event_id makes an append idempotent", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const append = [note("1"), note("2", { event_id: "id-2" }), note("3")]
      const first = yield* log.append(append)
      yield* log.append([note("between")])
      const subscription = yield* log.subscribe({ topics: [">"] })
      yield* subscription.take
      expect(yield* log.append(append)).toEqual(first)
      // Also at the same moment, and with a version that has moved on since.
      const twice = [note("4", { event_id: "id-4", run_id: "r" })]
      const options = { expected: { stream: { run_id: "r" }, version: 0 } }
      const both = yield* Effect.all([log.append(twice, options), log.append(twice, options)], {
        concurrency: "unbounded"
      })
      expect(both[0]).toEqual(both[1])
      expect(yield* log.append(twice, options)).toEqual(both[0])
      expect(yield* log.head).toBe(5)
      expect(seqs(yield* subscription.take)).toEqual([5])
      for (const other of [
        [note("1"), note("x", { event_id: "id-4" })],
        [note("2", { event_id: "id-2", actor_id: "other" })]
      ]) {
        expect(yield* Effect.flip(log.append(other))).toMatchObject({ _tag: "EventLog.Conflict", reason: "event_id" })
      }
      expect(yield* log.head).toBe(5)
    }).pipe(Effect.scoped))

  test("subscribe from anywhere while writers write: no gap, no repeat", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const total = 3000
      yield* log.append(Arr.range(1, 700).map((n) => note(`${n}`)))
      const writers = yield* Effect.forkChild(
        Effect.forEach(
          Arr.range(1, 23),
          () => Effect.forEach(Arr.range(1, 10), () => log.append(Arr.range(1, 10).map((n) => note(`${n}`)))),
          { concurrency: "unbounded" }
        )
      )
      const readers = yield* Effect.forEach(
        Arr.range(0, 29),
        Effect.fnUntraced(function* (n) {
          // Each starts at another moment and another place.
          for (let wait = 0; wait < n; wait++) yield* Effect.yieldNow
          const since = n * 37
          const subscription = yield* log.subscribe({ topics: [">"], since, capacity: n % 3 === 0 ? 5 : 1000 })
          const items = yield* takeUntil(subscription, (all) => seqs(all).at(-1) === total)
          return { since, heard: seqs(items) }
        }, Effect.scoped),
        { concurrency: "unbounded" }
      )
      yield* Fiber.join(writers)
      for (const { heard, since } of readers) expect(heard).toEqual(Arr.range(since + 1, total))
    }))

  test("a subscription gets what it asked for, and says when it caught up", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append([note("1", { thread_id: "a" }), note("2", { thread_id: "b" }), note("3", { thread_id: "a" })])
      const subscription = yield* log.subscribe({ topics: ["note.*"], scope: { thread_id: "a" }, since: 0 })
      const backlog = yield* subscription.take
      expect(tags(backlog)).toEqual(["Event", "Event", "CaughtUp"])
      expect(backlog.at(-1)).toEqual({ _tag: "CaughtUp", seq: 3 })
      yield* log.append([
        note("4", { thread_id: "a", event_type: "paint.picture.drawn", payload: { shapes: [] } }),
        note("5", { thread_id: "b" }),
        note("6", { thread_id: "a" })
      ])
      expect(seqs(yield* subscription.take)).toEqual([6])
      yield* log.append([note("7", { thread_id: "b" })])
      expect(yield* subscription.position).toBe(7)
      const live = yield* log.subscribe({ topics: [">"] })
      expect(yield* live.take).toEqual([{ _tag: "CaughtUp", seq: 7 }])
    }).pipe(Effect.scoped))

  test("a slow subscriber loses frames, then is told that it lags, and gets every event", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const slow = yield* log.subscribe({ topics: [">"], capacity: 10, ephemeral: true })
      const quick = yield* log.subscribe({ topics: [">"], capacity: 1000, ephemeral: true })
      yield* slow.take
      yield* quick.take
      const delta = (n: number) => log.publish("note.delta", { key: "m", payload: `d${n}`, current: `all to d${n}` })
      yield* log.append(Arr.range(1, 6).map((n) => note(`${n}`)))
      for (let n = 1; n <= 6; n++) delta(n)
      yield* log.append([note("7")])
      delta(7)
      const some = yield* slow.take
      expect(seqs(some)).toEqual(upTo(7))
      expect(some.filter(({ _tag }) => _tag === "Ephemeral")).toMatchObject([
        { isCurrent: true, frame: { payload: "all to d7" } }
      ])
      yield* log.append(Arr.range(8, 30).map((n) => note(`${n}`)))
      delta(8)
      const lagged = yield* takeUntil(slow, (items) => seqs(items).at(-1) === 30)
      expect(lagged[0]).toEqual({ _tag: "Lagged", from_seq: 7 })
      expect(seqs(lagged)).toEqual(Arr.range(8, 30))
      expect(lagged.at(-2)).toEqual({ _tag: "CaughtUp", seq: 30 })
      expect(lagged.at(-1)).toMatchObject({ isCurrent: true, frame: { payload: "all to d8" } })
      yield* log.append([note("31")])
      expect(seqs(yield* slow.take)).toEqual([31])
      const all = yield* quick.take
      expect(seqs(all)).toEqual(upTo(31))
      expect(all.filter(({ _tag }) => _tag === "Ephemeral")).toHaveLength(8)
    }).pipe(Effect.scoped))

  test("a queue is bounded in bytes too", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const slow = yield* log.subscribe({ topics: [">"], capacityBytes: 10_000 })
      yield* slow.take
      for (let n = 0; n < 5; n++) yield* log.append([note("x".repeat(4000))])
      const items = yield* takeUntil(slow, (all) => seqs(all).length === 5)
      expect(items[0]).toEqual({ _tag: "Lagged", from_seq: 0 })
      expect(seqs(items)).toEqual(upTo(5))
    }).pipe(Effect.scoped))

  test("ephemeral frames: live, by topic and scope, with the current value first, never stored", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      log.publish("chat.delta", { key: "m1", thread_id: "a", payload: "He", current: "He" })
      log.publish("chat.delta", { key: "m1", thread_id: "a", payload: "llo", current: "Hello" })
      log.publish("chat.delta", { key: "m2", thread_id: "b", payload: "other" })
      log.publish("chat.failed", { thread_id: "a", payload: "no key, no current value" })
      const subscription = yield* log.subscribe({
        topics: ["chat.*"],
        ephemeral: true,
        scope: { thread_id: "a" },
        since: 0
      })
      const durable = yield* log.subscribe({ topics: [">"] })
      yield* durable.take
      const first = yield* subscription.take
      expect(tags(first)).toEqual(["CaughtUp", "Ephemeral"])
      expect(first[1]).toMatchObject({ isCurrent: true, topic: "chat.delta", frame: { key: "m1", payload: "Hello" } })
      log.publish("chat.delta", { key: "m2", thread_id: "b", payload: "!" })
      log.publish("desk.drag", { thread_id: "a", payload: 1 })
      log.publish("chat.delta", { key: "m1", thread_id: "a", payload: " you", current: "Hello you" })
      expect(yield* subscription.take).toMatchObject([{ isCurrent: false, frame: { payload: " you" } }])
      log.retire("chat.delta", "m1")
      const late = yield* log.subscribe({ topics: ["chat.delta"], ephemeral: true })
      expect(yield* late.take).toMatchObject([{ _tag: "CaughtUp" }, { frame: { key: "m2" } }])
      yield* log.append([note("x")])
      expect(tags(yield* durable.take)).toEqual(["Event"])
      expect(yield* log.head).toBe(1)
    }).pipe(Effect.scoped))

  test("a subscription's stream is the same items", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append(Arr.range(1, 1200).map((n) => note(`${n}`)))
      const subscription = yield* log.subscribe({ topics: [">"], since: 0 })
      const items = yield* Stream.runCollect(Stream.take(subscription.stream, 1201))
      expect(seqs(items)).toEqual(upTo(1200))
      expect(items.at(-1)).toEqual({ _tag: "CaughtUp", seq: 1200 })
    }).pipe(Effect.scoped))

  test("a long payload goes to a blob, with an excerpt in its place", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const text = "ä€𝄞x".repeat(2_000_000)
      const [event] = yield* log.append([note(text, { payload: { text, n: 7 } })])
      const blob = blobOf(event?.payload)
      expect(blob?.bytes).toBeGreaterThan(10_000_000)
      const payload: unknown = event?.payload
      expect(payload).toMatchObject({ n: 7 })
      const cut = String(texts([{ payload }])[0])
      expect(text.startsWith(cut)).toBe(true)
      expect(cut.length).toBeGreaterThan(2000)
      expect(cut.isWellFormed()).toBe(true)
      expect((yield* log.read({}))[0]).toEqual(event)
      const [full] = yield* log.read({ payloads: "full" })
      expect(full?.payload).toEqual({ text, n: 7 })
      const many = { shapes: Arr.range(0, 50_000) }
      const [second] = yield* log.append([note("x", { event_type: "paint.picture.drawn", payload: many })])
      expect(JSON.stringify(second?.payload).length).toBeLessThan(4096)
      const [whole] = yield* log.read({ types: ["paint.>"], payloads: "full" })
      expect(whole?.payload).toEqual(many)
      const sizes = yield* log.sizes
      expect(sizes.blobs.count).toBe(2)
      expect(sizes.blobs.bytes).toBeGreaterThan(10_000_000)
      expect(Math.max(...sizes.types.map((type) => type.payload_bytes))).toBeLessThan(64 * 1024)
    }))

  test("blobs: by content, in parts, from a file", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const bytes = new TextEncoder().encode("0123456789")
      const blob = yield* log.blobs.put(bytes)
      expect(blob).toEqual({ hash: "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882", bytes: 10 })
      expect(yield* log.blobs.put(bytes)).toEqual(blob)
      expect(yield* log.blobs.size(blob.hash)).toBe(10)
      const read = (range: { offset?: number; limit?: number }) =>
        Effect.map(log.blobs.read(blob.hash, range), (part) =>
          part === undefined ? undefined : new TextDecoder().decode(part)
        )
      expect(yield* read({})).toBe("0123456789")
      expect(yield* read({ offset: 3, limit: 4 })).toBe("3456")
      expect(yield* read({ offset: 8, limit: 100 })).toBe("89")
      expect(yield* read({ offset: 20 })).toBe("")
      for (const hash of ["0".repeat(64), "../../etc/passwd", ""]) {
        expect(yield* log.blobs.read(hash)).toBeUndefined()
        expect(yield* log.blobs.size(hash)).toBeUndefined()
      }
      const itself = yield* log.blobs.putFile(import.meta.filename)
      const source = yield* log.blobs.read(itself.hash)
      expect(new TextDecoder().decode(source)).toContain("blobs: by content, in parts, from a file")
      expect(source?.byteLength).toBe(itself.bytes)
    }))

  test("snapshots are kept by key, the last one counts", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      expect(yield* log.snapshot.load("chats@1")).toEqual(Option.none())
      yield* log.snapshot.save("chats@1", 3, { threads: ["a"] })
      yield* log.snapshot.save("chats@1", 5, { threads: ["a", "b"] })
      yield* log.snapshot.save("desk@1", 4, null)
      expect(yield* log.snapshot.load("chats@1")).toEqual(Option.some({ seq: 5, state: { threads: ["a", "b"] } }))
      expect(yield* log.head).toBe(0)
    }))

  test("erase blanks payloads, blobs and snapshots, keeps envelopes, and is an event", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const shared = yield* log.blobs.put(new TextEncoder().encode("shared"))
      const mine = yield* log.blobs.put(new TextEncoder().encode("mine"))
      const attach = (blob: typeof mine, thread_id: string) =>
        note("", { event_type: "file.attached", payload: { blob }, thread_id })
      const long = "secret ".repeat(20_000)
      yield* log.append([
        note("keep", { thread_id: "b" }),
        note("secret", { thread_id: "a" }),
        note(long, { thread_id: "a" }),
        attach(mine, "a"),
        attach(shared, "a"),
        attach(shared, "b")
      ])
      const before = yield* log.read({})
      const big = blobOf(before[2]?.payload)
      yield* log.snapshot.save("chats@1", 6, {})
      const subscription = yield* log.subscribe({ topics: ["note.erased"] })
      yield* subscription.take
      const event = (events: number) => note("", { event_type: "note.erased", payload: { events } })
      const erased = yield* log.erase({ thread_id: "a" }, event)
      expect(erased.erased).toBe(4)
      expect(erased.event).toMatchObject({ seq: 7, payload: { events: 4 } })
      expect(yield* subscription.take).toEqual([{ _tag: "Event", event: erased.event }])
      const after = yield* log.read({})
      expect(after.map(({ payload, ...envelope }) => envelope).slice(0, 6)).toEqual(
        before.map(({ payload, ...envelope }) => envelope)
      )
      for (const at of [1, 2, 3, 4]) expect(after[at]?.payload).toEqual({ erased: true })
      expect(after[0]).toEqual(before[0])
      expect(after[5]).toEqual(before[5])
      expect(yield* log.blobs.size(mine.hash)).toBeUndefined()
      expect(yield* log.blobs.size(big?.hash ?? "")).toBeUndefined()
      expect(yield* log.blobs.size(shared.hash)).toBe(6)
      expect(yield* log.snapshot.load("chats@1")).toEqual(Option.none())
      expect((yield* log.erase({ types: ["note.*"], actor_id: "writer" }, event)).erased).toBe(2)
      expect(yield* Effect.flip(log.erase({}, event))).toMatchObject({ _tag: "EventLog.Invalid" })
      expect((yield* log.erase({ run_id: "nobody" }, event)).erased).toBe(0)
      yield* log.append([note("and on")])
      expect((yield* log.read({})).map(({ seq }) => seq)).toEqual(upTo(10))
    }).pipe(Effect.scoped))

  test("sizes are by type and family", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append([
        note("ä"),
        note("b"),
        note("x", { event_type: "paint.picture.drawn", payload: { shapes: [1] } })
      ])
      const sizes = yield* log.sizes
      expect([...sizes.types].sort((a, b) => (a.event_type < b.event_type ? -1 : 1))).toEqual([
        { event_type: "note.written", events: 2, payload_bytes: 25 },
        { event_type: "paint.picture.drawn", events: 1, payload_bytes: 14 }
      ])
      expect(sizes.families.map(({ family }) => family)).toEqual(["note", "paint.picture"])
    }))

  test("check writes and reads, and the log does not grow", () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.check
      yield* log.check
      expect(yield* log.head).toBe(0)
    }))

  it.live(`${name}: while no writer runs appends wait, up to a bound; one that gave up is not written`, () =>
    Effect.gen(function* () {
      const log = yield* EventLog
      const waiting = yield* Effect.forkChild(log.append([note("first"), note("second")]))
      const given = yield* Effect.forkChild(log.append([note("gave up")]))
      yield* Effect.yieldNow
      yield* Fiber.interrupt(given)
      expect(yield* Effect.flip(log.append([note("a"), note("b"), note("c")]))).toMatchObject({
        _tag: "EventLog.Unavailable",
        reason: "stopped"
      })
      const writer = yield* Effect.forkChild(log.writer)
      expect(texts(yield* Fiber.join(waiting))).toEqual(["first", "second"])
      yield* Fiber.interrupt(writer)
      // A supervisor starts it again, and it goes on.
      const more = yield* Effect.forkChild(log.append([note("third")]))
      yield* Effect.yieldNow
      expect(yield* log.head).toBe(2)
      yield* Effect.forkChild(log.writer)
      yield* Fiber.join(more)
      expect(texts(yield* log.read({}))).toEqual(["first", "second", "third"])
    }).pipe(Effect.provide(withoutWriter(name)))
  )
}

const withoutWriter = (name: string): Layer.Layer<EventLog, unknown> =>
  name === "in memory"
    ? EventLog.layerMemory({ catalog, limits: { queueEvents: 4 } })
    : Layer.unwrap(
        Effect.map(temporaryFolder, (folder) =>
          EventLog.layer({ catalog, path: `${folder}/log.db`, blobs: `${folder}/blobs`, limits: { queueEvents: 4 } })
        )
      )

it.live("older versions are upcast on read, unknown types are kept and shown", () =>
  Effect.gen(function* () {
    const folder = yield* temporaryFolder
    const open = (known: typeof catalog) =>
      EventLog.layer({ catalog: known, path: `${folder}/log.db`, blobs: `${folder}/blobs`, forkWriter: true })
    const before = yield* Effect.gen(function* () {
      const log = yield* EventLog
      yield* log.append([
        note("x", { event_type: "doc.saved", payload: { name: "a b c" } }),
        note("x", { event_type: "old.thing", payload: { kept: true } }),
        note("last")
      ])
      return log.logId
    }).pipe(Effect.provide(open(olderCatalog)))
    yield* Effect.gen(function* () {
      const log = yield* EventLog
      expect(log.logId).toBe(before)
      const events = yield* log.read({})
      expect(events[0]).toMatchObject({ version: 3, payload: { title: "a b c", words: 3 } })
      expect(events[1]).toMatchObject({ event_type: "old.thing", version: 1, payload: { kept: true } })
      expect(yield* log.read({ types: ["old.*"] })).toHaveLength(1)
      const error = yield* Effect.flip(log.append([note("x", { event_type: "old.thing", payload: { kept: true } })]))
      expect(error._tag).toBe("EventLog.Invalid")
      yield* log.append([note("x", { event_type: "doc.saved", payload: { title: "t", words: 1 } })])
    }).pipe(Effect.provide(open(catalog)))
    // A log that a later version wrote to is still read by an earlier one.
    yield* Effect.gen(function* () {
      const log = yield* EventLog
      const events = yield* log.read({ types: ["doc.saved"] })
      expect(events[1]).toMatchObject({ version: 3, payload: { title: "t", words: 1 } })
      expect(yield* log.head).toBe(4)
    }).pipe(Effect.provide(open(olderCatalog)))
  }).pipe(Effect.scoped)
)
