/**
 * The log as a window looks at it: pages read at both ends, and what happens meanwhile.
 *
 * Law: one request at a time changes what is held, and a new filter or place ends the one before. What streams in while the
 * end of the log is being read waits for it, so that nothing is missed and nothing comes twice.
 */
import type { Event, EventsReply } from "@choiros/protocol"
import { createStore, type StoreApi } from "zustand/vanilla"
import { inWords } from "../../client/api.ts"
import { holdsText, type LogFilter, matches, noFilter, paramsOf } from "./logFilter.ts"
import { emptyWindow, type LogWindow, pageSize, windowOf, withLive, withNewer, withOlder } from "./logWindow.ts"

/** Reads a page of events by a query. */
export type ReadPage = (params: URLSearchParams, signal: AbortSignal) => Promise<EventsReply>

export interface LogState {
  readonly filter: LogFilter
  /** `loading`: nothing can be shown yet. */
  readonly status: "loading" | "ready" | "failed"
  /** Why the last request failed; null after one that did not. */
  readonly error: string | null
  readonly window: LogWindow
  /** Which end is being read. */
  readonly reading: "older" | "newer" | null
  /** The text was looked for in so many events without a full page: it goes on when it is asked to. */
  readonly rested: boolean
  /** The end stays in sight. */
  readonly following: boolean
  /** What came since it does not. */
  readonly unseen: number
  /** Counts the places that were gone to: each is another list. */
  readonly place: number
}

/** Pages that are searched for a text at a time, and the finds that are enough. */
const pagesAtOnce = 10
const enough = 100

interface Found {
  readonly events: ReadonlyArray<Event>
  /** The last `seq` that was looked at; null when the log has no more. */
  readonly next: number | null
}

export class LogStore {
  readonly store: StoreApi<LogState>
  /** The keyboard was in the list that was shown last. */
  hadFocus = false
  readonly #readPage: ReadPage
  #abort: AbortController | null = null
  /** What streamed in while the end is read; null while nothing waits. */
  #waiting: Array<Event> | null = null
  #fits: (event: Event) => boolean = () => true

  constructor(readPage: ReadPage, filter: LogFilter = noFilter) {
    this.#readPage = readPage
    this.store = createStore<LogState>(() => ({
      filter,
      status: "loading",
      error: null,
      window: emptyWindow,
      reading: null,
      rested: false,
      following: true,
      unseen: 0,
      place: 0
    }))
    this.#setFits(filter)
  }

  stop(): void {
    this.#abort?.abort()
    this.#abort = null
    this.#waiting = null
  }

  setFilter(filter: LogFilter): Promise<void> {
    this.#setFits(filter)
    this.store.setState({ filter })
    return this.toEnd()
  }

  /** The end of the log, and what comes after it. */
  toEnd(): Promise<void> {
    this.store.setState({ following: true, unseen: 0 })
    return this.#anew(async (signal) => {
      this.#waiting = []
      const { events, next } = await this.#search({ order: "desc" }, null, signal)
      const last = events.at(-1)?.seq ?? 0
      const window = windowOf(events, { from: next ?? 0, to: last, isStart: next === null, isLive: true })
      return { window: withLive(window, this.#waited(), true), rested: next !== null && events.length < enough }
    })
  }

  toStart(): Promise<void> {
    this.store.setState({ following: false })
    return this.#anew(async (signal) => {
      this.#waiting = []
      const { events, next } = await this.#search({ order: "asc" }, 0, signal)
      return { window: this.#reached(events, next, { ...emptyWindow, isLive: false }), rested: false }
    })
  }

  /** The place of one event that the filter lets through, and as much before it as after it. */
  around(seq: number, filter: LogFilter = this.store.getState().filter): Promise<void> {
    this.#setFits(filter)
    this.store.setState({ filter, following: false })
    return this.#anew(async (signal) => {
      this.#waiting = []
      const before = await this.#search({ order: "desc" }, seq + 1, signal)
      const after = await this.#search({ order: "asc" }, seq, signal)
      const older = windowOf(before.events, {
        from: before.next ?? 0,
        to: seq,
        isStart: before.next === null,
        isLive: false
      })
      return { window: this.#reached(after.events, after.next, older), rested: false }
    })
  }

  /** One page further back, where there is one. */
  older(): Promise<void> {
    const { reading, status, window } = this.store.getState()
    if (reading !== null || status !== "ready" || window.isStart) return Promise.resolve()
    return this.#more("older", async (signal) => {
      const { events, next } = await this.#search({ order: "desc" }, this.#oldest(), signal)
      this.store.setState((state) => ({
        window: withOlder(state.window, events, next ?? 0, next === null),
        rested: next !== null && events.length < enough
      }))
    })
  }

  /** One page further on, up to what happens now. */
  newer(): Promise<void> {
    const { reading, status, window } = this.store.getState()
    if (reading !== null || status !== "ready" || window.isLive) return Promise.resolve()
    return this.#more("newer", async (signal) => {
      this.#waiting = []
      const { events, next } = await this.#search({ order: "asc" }, this.store.getState().window.to, signal)
      this.store.setState((state) => ({ window: this.#reached(events, next, state.window) }))
    })
  }

  follow(following: boolean): void {
    const { status, window } = this.store.getState()
    if (!following) this.store.setState({ following: false })
    else if (window.isLive && status === "ready") this.store.setState({ following: true, unseen: 0 })
    else void this.toEnd()
  }

  /** After a failure: what could not be read is asked for again. */
  retry(): void {
    if (this.store.getState().status === "failed") void this.toEnd()
    else this.store.setState({ error: null })
  }

  /** What has just happened. */
  push(batch: ReadonlyArray<Event>): void {
    const fresh = batch.filter(this.#fits)
    if (fresh.length === 0) return
    if (this.#waiting !== null) {
      this.#waiting.push(...fresh)
      return
    }
    this.store.setState(({ following, unseen, window }) => ({
      window: withLive(window, fresh, following),
      unseen: following ? 0 : unseen + fresh.length
    }))
  }

  /** Pages below the oldest that is held are read from what was looked at, which may lie further back than what was found. */
  #oldest(): number {
    const { from, events } = this.store.getState().window
    return Math.min(from, events[0]?.seq ?? from)
  }

  #setFits(filter: LogFilter): void {
    const byKind = matches(filter)
    const byText = holdsText(filter.text)
    this.#fits = (event) => byKind(event) && byText(event)
  }

  #waited(): ReadonlyArray<Event> {
    const waited = this.#waiting ?? []
    this.#waiting = null
    return waited
  }

  /** After a page towards the end: where it is the last one, what streamed in meanwhile goes on from it. */
  #reached(events: ReadonlyArray<Event>, next: number | null, before: LogWindow): LogWindow {
    const waited = this.#waited()
    const to = next ?? events.at(-1)?.seq ?? before.to
    const window = withNewer(before, events, to, next === null)
    return next === null ? withLive(window, waited, false) : window
  }

  /** One page; for a text, as many as are needed to find some of it. */
  async #search(way: { readonly order: "asc" | "desc" }, from: number | null, signal: AbortSignal): Promise<Found> {
    const { filter } = this.store.getState()
    const holds = holdsText(filter.text)
    const found: Array<Event> = []
    let next = from
    for (let page = 0; page < (filter.text.trim() === "" ? 1 : pagesAtOnce); page++) {
      const params = paramsOf(filter)
      params.append("limit", String(pageSize))
      params.append("order", way.order)
      if (next !== null) params.append(way.order === "asc" ? "since_seq" : "before_seq", String(next))
      const reply = await this.#readPage(params, signal)
      signal.throwIfAborted()
      found.push(...reply.events.filter(holds))
      next = reply.next_seq
      if (next === null || found.length >= enough) break
    }
    return { events: way.order === "asc" ? found : found.toReversed(), next }
  }

  async #anew(read: (signal: AbortSignal) => Promise<Pick<LogState, "window" | "rested">>): Promise<void> {
    const { signal } = this.#begin()
    this.store.setState(({ place }) => ({
      status: "loading",
      error: null,
      reading: null,
      rested: false,
      place: place + 1
    }))
    try {
      const state = await read(signal)
      if (!signal.aborted) this.store.setState({ ...state, status: "ready" })
    } catch (error) {
      if (signal.aborted) return
      this.#waiting = null
      this.store.setState({ status: "failed", error: inWords(error) })
    }
  }

  async #more(reading: "older" | "newer", read: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const { signal } = this.#begin()
    this.store.setState({ reading, error: null, rested: false })
    try {
      await read(signal)
    } catch (error) {
      if (signal.aborted) return
      this.#waiting = null
      this.store.setState({ error: inWords(error) })
    }
    if (!signal.aborted) this.store.setState({ reading: null })
  }

  #begin(): AbortController {
    this.#abort?.abort()
    this.#abort = new AbortController()
    this.#waiting = null
    return this.#abort
  }
}
