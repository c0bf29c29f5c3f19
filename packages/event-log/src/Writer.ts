/**
 * The one writer: what waits is committed together, in the order in which it came.
 *
 * Law: an append returns after its commit, and after its events were published; a request that can't be written fails
 * alone. While no loop runs, requests wait, up to a bound.
 *
 *   waiting ── taken into a batch ──▶ planned ── commit ──▶ published ──▶ returned
 *                                       │          └─ fails ──▶ each of the batch alone
 *                                       └─ Conflict ──▶ failed, nothing written
 */
import type { Event } from "@choiros/protocol"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { type AppendError, type Conflict, type ReadError, Unavailable } from "./Errors.ts"
import type { NewRow, SnapshotRow, Store } from "./Store.ts"

/** What a batch will write. */
export interface Draft {
  /** `seq` of the next row. */
  next: number
  readonly now: number
  readonly rows: Array<NewRow>
  readonly snapshots: Array<SnapshotRow>
  heartbeat: number | undefined
}

/** Adds to the draft. What it gives is called with the batch's events when they are committed and published. */
export type Plan<A> = (draft: Draft) => Effect.Effect<(committed: ReadonlyArray<Event>) => A, Conflict | ReadError>

export interface Writer {
  /** `events` and `bytes` are what the plan will about add: they bound the batch and the queue. */
  readonly submit: <A>(size: { events: number; bytes: number }, plan: Plan<A>) => Effect.Effect<A, AppendError>
  /** Runs when no batch does. */
  readonly alone: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E | Unavailable>
  /** The loop; only one may run. It never fails, and goes on where it was when it is started again. */
  readonly loop: Effect.Effect<never>
  /** For good: what waits fails, and so does what comes. */
  readonly close: Effect.Effect<void>
}

export interface WriterOptions {
  readonly store: Store
  readonly head: () => number
  /** Called in the tick of the commit, before any append of it returns. Gives the rows as events. */
  readonly publish: (rows: ReadonlyArray<NewRow>) => ReadonlyArray<Event>
  readonly limits: WriterLimits
}

export interface WriterLimits {
  /** Events in one commit, at most (one append is never split). */
  readonly batchEvents: number
  readonly batchBytes: number
  /** Events and bytes that may wait. */
  readonly queueEvents: number
  readonly queueBytes: number
}

interface Request {
  readonly events: number
  readonly bytes: number
  cancelled: boolean
  readonly refuse: (error: Unavailable) => void
  readonly work: Batched | { readonly _tag: "Alone"; readonly run: Effect.Effect<void> }
}

interface Batched {
  readonly _tag: "Batched"
  readonly plan: (draft: Draft) => Effect.Effect<(committed: ReadonlyArray<Event>) => void, Conflict | ReadError>
  readonly fail: (cause: Cause.Cause<AppendError>) => void
}

const closedError = new Unavailable({ reason: "stopped", message: "The log is closed" })

export const makeWriter = ({ head, limits, publish, store }: WriterOptions): Writer => {
  let queue: Array<Request> = []
  let first = 0
  let events = 0
  let bytes = 0
  let running = false
  let closed = false
  let wake: (() => void) | undefined

  const enqueue = (request: Request): Unavailable | undefined => {
    if (closed) return closedError
    const waits = queue.length > first
    if (waits && (events + request.events > limits.queueEvents || bytes + request.bytes > limits.queueBytes)) {
      return new Unavailable({
        reason: running ? "backlog" : "stopped",
        message: running
          ? "The log has more to write than it can; try again in a moment."
          : "The log's writer is not running, and too much waits for it already."
      })
    }
    queue.push(request)
    events += request.events
    bytes += request.bytes
    wake?.()
    return undefined
  }
  const dequeue = (): Request | undefined => {
    const request = queue[first]
    if (request === undefined) return undefined
    first += 1
    if (first === queue.length || first > 4096) {
      queue = queue.slice(first)
      first = 0
    }
    events -= request.events
    bytes -= request.bytes
    return request
  }

  const waiting = Effect.callback<void>((resume) => {
    if (queue.length > first) return resume(Effect.void)
    wake = () => {
      wake = undefined
      resume(
        // Who else runs in this tick comes along.
        Effect.yieldNow
      )
    }
    return Effect.sync(() => {
      wake = undefined
    })
  })

  const takeBatch = (): { readonly batch: ReadonlyArray<Batched>; readonly alone?: Effect.Effect<void> } => {
    const batch: Array<Batched> = []
    let batchEvents = 0
    let batchBytes = 0
    for (let request = queue[first]; request !== undefined; request = queue[first]) {
      if (!request.cancelled && batch.length > 0) {
        const fits =
          batchEvents + request.events <= limits.batchEvents && batchBytes + request.bytes <= limits.batchBytes
        if (!fits || request.work._tag === "Alone") break
      }
      dequeue()
      if (request.cancelled) continue
      if (request.work._tag === "Alone") return { batch, alone: request.work.run }
      batch.push(request.work)
      batchEvents += request.events
      batchBytes += request.bytes
    }
    return { batch }
  }

  const write = Effect.fnUntraced(function* (batch: ReadonlyArray<Batched>): Effect.fn.Return<void> {
    const draft: Draft = {
      next: head() + 1,
      now: yield* Clock.currentTimeMillis,
      rows: [],
      snapshots: [],
      heartbeat: undefined
    }
    const planned: Array<{ readonly request: Batched; readonly settle: (committed: ReadonlyArray<Event>) => void }> = []
    for (const request of batch) {
      const plan = yield* Effect.exit(request.plan(draft))
      if (Exit.isSuccess(plan)) planned.push({ request, settle: plan.value })
      else request.fail(plan.cause)
    }
    const writes = draft.rows.length > 0 || draft.snapshots.length > 0 || draft.heartbeat !== undefined
    const commit = writes ? yield* Effect.exit(store.commit(draft)) : Exit.void
    if (Exit.isSuccess(commit)) {
      const committed = draft.rows.length > 0 ? publish(draft.rows) : []
      for (const { settle } of planned) settle(committed)
      return
    }
    if (planned.length === 1) return planned[0]?.request.fail(commit.cause)
    for (const { request } of planned) yield* write([request])
  })

  const turn = Effect.suspend(() => {
    const { alone, batch } = takeBatch()
    if (alone !== undefined) return alone
    return batch.length > 0 ? write(batch) : Effect.void
  }).pipe(Effect.uninterruptible)

  const start = Effect.suspend(() => {
    if (running) return Effect.die(new Error("The log's writer runs already"))
    running = true
    return Effect.void
  })

  const wait = (request: Request): Effect.Effect<void> | undefined => {
    const refused = enqueue(request)
    if (refused !== undefined) {
      request.refuse(refused)
      return undefined
    }
    return Effect.sync(() => {
      request.cancelled = true
    })
  }

  return {
    submit: (size, plan) =>
      Effect.callback((resume) =>
        wait({
          ...size,
          cancelled: false,
          refuse: (error) => resume(Effect.fail(error)),
          work: {
            _tag: "Batched",
            plan: (draft) =>
              Effect.map(plan(draft), (settle) => (committed) => resume(Effect.succeed(settle(committed)))),
            fail: (cause) => resume(Effect.failCause(cause))
          }
        })
      ),
    alone: (effect) =>
      Effect.callback((resume) =>
        wait({
          events: 1,
          bytes: 0,
          cancelled: false,
          refuse: (error) => resume(Effect.fail(error)),
          work: { _tag: "Alone", run: Effect.exit(effect).pipe(Effect.map((exit) => resume(exit))) }
        })
      ),
    loop: Effect.acquireUseRelease(
      start,
      () => Effect.forever(Effect.andThen(waiting, turn)),
      () =>
        Effect.sync(() => {
          running = false
        })
    ),
    close: Effect.sync(() => {
      closed = true
      for (let request = dequeue(); request !== undefined; request = dequeue()) {
        if (!request.cancelled) request.refuse(closedError)
      }
    })
  }
}
