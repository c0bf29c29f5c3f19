import { type Event, EventsQuery, type EventsReply, matcher } from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { LogStore, type ReadPage } from "./LogStore.ts"
import { type LogFilter, noFilter } from "./logFilter.ts"
import { most, pageSize } from "./logWindow.ts"

const eventOf = (seq: number, more: Partial<Event> = {}): Event => ({
  seq,
  event_id: `e${seq}`,
  timestamp: new Date(seq * 1000).toISOString(),
  event_type: seq % 2 === 0 ? "tool.call" : "run.step_started",
  version: 1,
  actor_id: "me",
  user_id: null,
  session_id: null,
  thread_id: null,
  run_id: null,
  correlation_id: null,
  causation_id: null,
  payload: { step: seq },
  ...more
})

const decodeQuery = Schema.decodeUnknownSync(EventsQuery)

/** A log that pages as the computer's does; `before` runs ahead of each answer. */
const logOf = (size: number, before: (page: number) => Promise<void> | void = () => {}) => {
  const events = Array.from({ length: size }, (_, index) => eventOf(index + 1))
  let pages = 0
  const readPage: ReadPage = async (params, signal): Promise<EventsReply> => {
    pages += 1
    const query = decodeQuery({ ...Object.fromEntries(params), type: params.getAll("type") })
    const { before_seq = Number.POSITIVE_INFINITY, limit = 500, order = "asc", since_seq = 0, type = [] } = query
    const isOfType = type.length === 0 ? () => true : matcher(typeof type === "string" ? [type] : type)
    const all = events.filter(({ event_type, seq }) => seq > since_seq && seq < before_seq && isOfType(event_type))
    const page = (order === "asc" ? all : all.toReversed()).slice(0, limit)
    await before(pages)
    signal.throwIfAborted()
    const last = page.at(-1)
    return {
      success: true,
      events: page,
      next_seq: page.length < limit || last === undefined ? null : last.seq,
      head: events.length,
      log_id: "log"
    }
  }
  const append = (count: number): ReadonlyArray<Event> => {
    const fresh = Array.from({ length: count }, (_, index) => eventOf(events.length + index + 1))
    events.push(...fresh)
    return fresh
  }
  return { readPage, append, pages: () => pages }
}

const seqs = (log: LogStore) => log.store.getState().window.events.map(({ seq }) => seq)
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

describe("LogStore", () => {
  it("begins at the end, and pages to the beginning without a gap", async () => {
    const log = new LogStore(logOf(1_234).readPage)
    await log.toEnd()
    expect(seqs(log)).toEqual(range(735, 1_234))
    await log.older()
    await log.older()
    expect(seqs(log)).toEqual(range(1, 1_234))
    expect(log.store.getState().window).toMatchObject({ isStart: true, isLive: true, first: -734 })
  })

  it("misses nothing that happens while it reads, and takes nothing twice", async () => {
    const live: Array<Event> = []
    const log = logOf(600, () => {
      // What the page had no more room for, and what it has already.
      live.push(...log.append(3))
      store.push(live.slice(-3))
    })
    const store = new LogStore(log.readPage)
    await store.toEnd()
    expect(seqs(store)).toEqual(range(101, 603))
    store.push(live)
    expect(seqs(store)).toEqual(range(101, 603))
    store.push(log.append(1))
    expect(seqs(store)).toEqual(range(101, 604))
  })

  it("holds no more than its bound, whichever way it is read", async () => {
    const log = logOf(most + 3 * pageSize)
    const store = new LogStore(log.readPage)
    await store.toEnd()
    for (let page = 0; page < 30; page++) await store.older()
    expect(seqs(store)).toEqual(range(1, most))
    expect(store.store.getState().window).toMatchObject({ isStart: true, isLive: false })
    for (let page = 0; page < 30; page++) await store.newer()
    expect(seqs(store)).toEqual(range(3 * pageSize + 1, most + 3 * pageSize))
    expect(store.store.getState().window).toMatchObject({ isStart: false, isLive: true })
    store.follow(true)
    store.push(log.append(10))
    expect(seqs(store)).toEqual(range(3 * pageSize + 11, most + 3 * pageSize + 10))
  })

  it("who reads further up keeps what they read, and is told how much came", async () => {
    const log = logOf(most)
    const store = new LogStore(log.readPage)
    await store.toEnd()
    for (let page = 0; page < 19; page++) await store.older()
    store.follow(false)
    store.push(log.append(7))
    expect(seqs(store)).toEqual(range(1, most))
    expect(store.store.getState()).toMatchObject({ unseen: 7, window: { isLive: false } })
    await store.newer()
    expect(seqs(store).at(-1)).toBe(most + 7)
    store.follow(true)
    expect(store.store.getState()).toMatchObject({ unseen: 0, following: true })
  })

  it("goes to the beginning, and to the place of one event", async () => {
    const log = logOf(2_000)
    const store = new LogStore(log.readPage)
    await store.toStart()
    expect(seqs(store)).toEqual(range(1, 500))
    expect(store.store.getState()).toMatchObject({ following: false, window: { isStart: true, isLive: false } })
    await store.around(1_000)
    expect(seqs(store)).toEqual(range(501, 1_500))
    await store.newer()
    await store.newer()
    expect(seqs(store).at(-1)).toBe(2_000)
    expect(store.store.getState().window.isLive).toBe(true)
  })

  it("reads by the filter, and lets the same through of what streams in", async () => {
    const log = logOf(40)
    const store = new LogStore(log.readPage)
    const filter: LogFilter = { ...noFilter, families: ["tool"] }
    await store.setFilter(filter)
    expect(seqs(store)).toEqual(range(1, 20).map((half) => half * 2))
    store.push(log.append(4))
    expect(seqs(store).slice(-2)).toEqual([42, 44])
  })

  it("looks for a text page by page, rests, and goes on when asked", async () => {
    const log = logOf(12_000)
    const store = new LogStore(log.readPage)
    await store.setFilter({ ...noFilter, text: '"step":3}' })
    expect(log.pages()).toBe(10)
    expect(seqs(store)).toEqual([])
    expect(store.store.getState()).toMatchObject({ rested: true, window: { isStart: false } })
    await store.older()
    expect(store.store.getState()).toMatchObject({ rested: true, window: { isStart: false } })
    await store.older()
    expect(seqs(store)).toEqual([3])
    expect(store.store.getState().window.isStart).toBe(true)
  })

  it("a new filter ends what was being read for the old one", async () => {
    const gate = Promise.withResolvers<void>()
    const log = logOf(10, (page) => (page === 1 ? gate.promise : undefined))
    const store = new LogStore(log.readPage)
    const first = store.toEnd()
    const second = store.setFilter({ ...noFilter, patterns: ["tool.*"] })
    await second
    gate.resolve()
    await first
    expect(seqs(store)).toEqual([2, 4, 6, 8, 10])
    expect(store.store.getState().status).toBe("ready")
  })

  it("says why it failed, and reads again when told to", async () => {
    let refuse = true
    const log = logOf(5, () => {
      if (refuse) throw new Error("The computer can't be reached")
    })
    const store = new LogStore(log.readPage)
    await store.toEnd()
    expect(store.store.getState()).toMatchObject({ status: "failed", error: "The computer can't be reached" })
    refuse = false
    await store.toEnd()
    expect(seqs(store)).toEqual(range(1, 5))
  })
})
