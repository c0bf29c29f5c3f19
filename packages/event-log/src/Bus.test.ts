/** The seam between the pages and what is live, where a commit comes in the middle of a read. */

import type { Event } from "@choiros/protocol"
import { expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { type Bus, type Item, makeBus } from "./Bus.ts"

const event = (seq: number): Event => ({
  seq,
  event_id: `${seq}`,
  timestamp: "2026-01-01T00:00:00.000Z",
  event_type: "note.written",
  version: 1,
  actor_id: "a",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: {}
})

const seqs = (items: ReadonlyArray<Item>) => items.map((item) => (item._tag === "Event" ? item.event.seq : item._tag))

/** A bus over events that are all stored; `during` runs while a page is read, after its rows were taken. */
const busWith = (stored: Array<Event>, pageSize: number, during: (bus: Bus, pages: number) => void): Bus => {
  let pages = 0
  const bus: Bus = makeBus({
    head: stored.length,
    pageSize,
    page: ({ after, upTo }) =>
      Effect.gen(function* () {
        const rows = stored.filter(({ seq }) => seq > after && seq <= upTo).slice(0, pageSize)
        yield* Effect.yieldNow
        during(bus, ++pages)
        return rows
      })
  })
  return bus
}

it.effect("what is committed while the last page is read comes once, and in its place", () =>
  Effect.gen(function* () {
    const stored = [event(1), event(2), event(3)]
    const commit = (bus: Bus) => {
      const made = event(stored.length + 1)
      stored.push(made)
      bus.publish([{ event: made, bytes: 10 }])
    }
    const bus = busWith(stored, 10, (self, pages) => {
      if (pages <= 2) commit(self)
    })
    const subscription = yield* bus.subscribe({ topics: [">"], since: 1 })
    const items: Array<Item> = []
    while (items.at(-1)?._tag !== "CaughtUp") items.push(...(yield* subscription.take))
    commit(bus)
    items.push(...(yield* subscription.take))
    expect(seqs(items)).toEqual([2, 3, 4, 5, "CaughtUp", 6])
  }).pipe(Effect.scoped)
)

it.effect("a page that ends exactly at the head is not the end until it is known", () =>
  Effect.gen(function* () {
    const bus = busWith([event(1), event(2), event(3), event(4)], 2, () => undefined)
    const subscription = yield* bus.subscribe({ topics: [">"], since: 0 })
    const items: Array<Item> = []
    while (items.at(-1)?._tag !== "CaughtUp") items.push(...(yield* subscription.take))
    expect(seqs(items)).toEqual([1, 2, 3, 4, "CaughtUp"])
    expect(yield* subscription.position).toBe(4)
  }).pipe(Effect.scoped)
)

it.effect("who wakes may publish, subscribe and leave", () =>
  Effect.gen(function* () {
    const bus = busWith([], 10, () => undefined)
    const first = yield* bus.subscribe({ topics: [">"], ephemeral: true })
    const second = yield* bus.subscribe({ topics: [">"], ephemeral: true })
    yield* first.take
    yield* second.take
    yield* Effect.forkChild(
      Effect.tap(first.take, () =>
        Effect.gen(function* () {
          bus.publishEphemeral("note.seen", { payload: "by the first" })
          const third = yield* bus.subscribe({ topics: [">"] })
          yield* third.take
        }).pipe(Effect.scoped)
      )
    )
    yield* Effect.yieldNow
    bus.publish([{ event: event(1), bytes: 10 }])
    yield* Effect.yieldNow
    expect(yield* second.take).toMatchObject([{ event: { seq: 1 } }, { topic: "note.seen" }])
  }).pipe(Effect.scoped)
)
