/**
 * What a window looks at: one run, or one thread, whole.
 *
 * Law: a view is the events of its run or thread from the first one on, folded once, with the live ones after them; it is in
 * memory as long as someone looks. Live events that come while the past is still being read wait for it.
 */
import {
  ConversationFold,
  type ConversationItem,
  type Event,
  EventsReply,
  TimelineFold,
  type TimelineStep
} from "@choiros/protocol"
import * as Schema from "effect/Schema"
import { useEffect, useMemo, useSyncExternalStore } from "react"
import { createStore, type StoreApi } from "zustand/vanilla"
import { get, inWords, type Query } from "../client/api.ts"
import { connectionStore } from "../client/Connection.ts"
import { currentDeltas, deltaTopic } from "./deltas.ts"
import { onEphemeral, onEvents, onStream } from "./listeners.ts"

export type ViewStatus = "loading" | "ready" | "failed"

interface View<Shown> {
  readonly status: ViewStatus
  /** Why it could not be read; null unless failed. */
  readonly error: string | null
  readonly shown: Shown
  /** Only the latest is shown yet; what was before is still being read. */
  readonly partial: boolean
  /** Counts the changes. */
  readonly version: number
}

export interface RunView extends View<ReadonlyArray<TimelineStep>> {}
export interface ThreadView extends View<ReadonlyArray<ConversationItem>> {}

export interface ThreadScope {
  readonly actor_id: string
  readonly session_id: string
  readonly thread_id: string
}

interface Fold<Shown> {
  readonly push: (event: Event) => void
  readonly delta?: (payload: unknown) => boolean
  readonly shown: () => Shown
}

interface Source<Shown> {
  readonly query: Readonly<Record<string, string>>
  readonly isOf: (event: Event) => boolean
  readonly make: () => Fold<Shown>
  /** Where, in the newest events, a fold of them alone may begin; absent: nowhere. */
  readonly begins?: (event: Event) => boolean
}

const page = 2_000
/** Events of a long run that are shown before the rest of it is read. */
const newest = 1_000

const unread = { status: "loading", error: null, partial: false } as const

class LiveView<Shown> {
  readonly store: StoreApi<View<Shown>>
  readonly #source: Source<Shown>
  #fold: Fold<Shown>
  #seq = 0
  #waiting: Array<Event> | null = []
  #stop: ReadonlyArray<() => void> = []
  #abort = new AbortController()
  #users = 0
  #hasFailed = false

  constructor(source: Source<Shown>) {
    this.#source = source
    this.#fold = source.make()
    this.store = createStore<View<Shown>>(() => ({
      ...unread,
      shown: this.#fold.shown(),
      version: 0
    }))
  }

  /** Returns true when nobody is left. */
  leave(): boolean {
    this.#users -= 1
    if (this.#users > 0) return false
    for (const stop of this.#stop) stop()
    this.#abort.abort()
    return true
  }

  enter(): void {
    this.#users += 1
    if (this.#users > 1) return
    this.#stop = [
      // Only what streams already leaves no gap behind what is read.
      onStream(this.retry),
      // What could not be read without the computer is read when it is back.
      connectionStore.subscribe(({ status }) => {
        if (status === "live" && this.#hasFailed) this.retry()
      }),
      onEvents((batch) => {
        const ours = batch.filter(this.#source.isOf)
        if (ours.length === 0) return
        if (this.#hasFailed) return
        if (this.#waiting !== null) this.#waiting.push(...ours)
        else {
          this.#push(ours)
          this.#tell("ready")
        }
      }),
      onEphemeral((topic, payload) => {
        if (topic !== deltaTopic || this.#waiting !== null) return
        if (this.#fold.delta?.(payload) === true) this.#tell("ready")
      })
    ]
  }

  readonly retry = (): void => {
    this.#abort.abort()
    this.#abort = new AbortController()
    this.#fold = this.#source.make()
    this.#seq = 0
    this.#waiting = []
    this.#hasFailed = false
    this.store.setState({ ...unread, shown: this.#fold.shown() })
    void this.#read()
  }

  async #read(): Promise<void> {
    const { signal } = this.#abort
    try {
      const hasPreview = await this.#preview(signal)
      if (signal.aborted) return
      let next: number | null = 0
      while (next !== null) {
        const query: Query = { ...this.#source.query, since_seq: next, limit: page }
        const reply: EventsReply = await get("/events", EventsReply, query, signal)
        // Another reading may have begun between the answer and here.
        if (signal.aborted) return
        this.#push(reply.events)
        next = reply.events.length < page ? null : reply.next_seq
        if (next !== null && !hasPreview) this.#tell("loading")
      }
      this.#push(this.#waiting ?? [])
      this.#waiting = null
      for (const delta of currentDeltas()) this.#fold.delta?.(delta)
      this.#tell("ready")
    } catch (error) {
      if (signal.aborted) return
      this.#hasFailed = true
      this.#waiting = []
      this.store.setState({ status: "failed", error: inWords(error) })
    }
  }

  /** Shows the end of what is long, while the whole is read behind it. False: it is short, or has no end of its own. */
  async #preview(signal: AbortSignal): Promise<boolean> {
    const { begins, make, query } = this.#source
    if (begins === undefined) return false
    const { events } = await get("/events", EventsReply, { ...query, order: "desc", limit: newest }, signal)
    if (events.length < newest || signal.aborted) return false
    const oldestFirst = events.toReversed()
    const from = oldestFirst.findIndex(begins)
    if (from < 0) return false
    const fold = make()
    for (const event of oldestFirst.slice(from)) fold.push(event)
    this.store.setState(({ version }) => ({ shown: fold.shown(), partial: true, version: version + 1 }))
    return true
  }

  #push(events: ReadonlyArray<Event>): void {
    for (const event of events) {
      if (event.seq <= this.#seq) continue
      this.#seq = event.seq
      this.#fold.push(event)
    }
  }

  #tell(status: ViewStatus): void {
    this.store.setState(({ version }) => ({
      status,
      error: null,
      shown: this.#fold.shown(),
      partial: false,
      version: version + 1
    }))
  }
}

const runSource = (run_id: string): Source<ReadonlyArray<TimelineStep>> => ({
  query: { run_id },
  isOf: (event) => event.run_id === run_id,
  begins: (event) => event.event_type === "run.step_started",
  make: () => {
    const fold = new TimelineFold()
    return { push: (event) => fold.push(event), shown: () => fold.steps }
  }
})

const threadSource = ({ actor_id, session_id, thread_id }: ThreadScope): Source<ReadonlyArray<ConversationItem>> => ({
  query: { actor_id, session_id, thread_id },
  isOf: (event) => event.actor_id === actor_id && event.session_id === session_id && event.thread_id === thread_id,
  make: () => {
    const fold = new ConversationFold()
    return {
      push: (event) => fold.push(event),
      delta: (payload) => {
        const { version } = fold
        fold.delta(payload)
        return fold.version !== version
      },
      shown: () => fold.items
    }
  }
})

/** The views that someone looks at. `source` says what a key stands for. */
interface Views<Shown> {
  readonly open: Map<string, LiveView<Shown>>
  readonly source: (key: string) => Source<Shown>
}

const runs: Views<ReadonlyArray<TimelineStep>> = { open: new Map(), source: runSource }

const ThreadKey = Schema.fromJsonString(Schema.Tuple([Schema.String, Schema.String, Schema.String]))
const threadKey = ({ actor_id, session_id, thread_id }: ThreadScope): string =>
  Schema.encodeSync(ThreadKey)([actor_id, session_id, thread_id])

const threads: Views<ReadonlyArray<ConversationItem>> = {
  open: new Map(),
  source: (key) => {
    const [actor_id, session_id, thread_id] = Schema.decodeSync(ThreadKey)(key)
    return threadSource({ actor_id, session_id, thread_id })
  }
}

/** The steps of a run, live. `retry` reads it again after a failure. */
export const useRunView = (run_id: string): RunView & { readonly retry: () => void } => useLiveView(runs, run_id)

/** A conversation, live. */
export const useThreadView = (scope: ThreadScope): ThreadView & { readonly retry: () => void } =>
  useLiveView(threads, threadKey(scope))

const useLiveView = <Shown>(views: Views<Shown>, key: string): View<Shown> & { readonly retry: () => void } => {
  const view = useMemo(() => views.open.get(key) ?? new LiveView(views.source(key)), [views, key])
  useEffect(() => {
    views.open.set(key, view)
    view.enter()
    return () => {
      if (view.leave()) views.open.delete(key)
    }
  }, [views, key, view])
  const state = useSyncExternalStore(view.store.subscribe, view.store.getState)
  return useMemo(() => ({ ...state, retry: view.retry }), [state, view])
}
