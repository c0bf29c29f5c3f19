/**
 * What an append writes, decided in the writer's turn: against what is committed and what the batch has so far.
 *
 * Law: an append that was written before (by its `event_id`) is not written again, but answered; a stale version or a
 * replaced incarnation writes nothing.
 */
import { type Catalog, type Event, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import { Conflict, type ReadError } from "./Errors.ts"
import { decode, type Encoded } from "./payload.ts"
import { type EventScope, inScope, type NewRow, type Row, type Store } from "./Store.ts"
import type { Draft, Plan } from "./Writer.ts"

export interface AppendOptions {
  /** The stream must end at this `seq` (0: must be empty). A stream is what a scope selects. */
  readonly expected?: { readonly stream: EventScope; readonly version: number } | undefined
  /** Who writes; refused when the key has been claimed, or written, by a greater incarnation. */
  readonly fence?: Fence | undefined
}

export interface Fence {
  readonly key: string
  readonly incarnation: number
}

export interface Fences {
  /** Whether this incarnation may write; a greater one than known takes over. */
  readonly admits: (fence: Fence) => boolean
}

/** Keys remembered at most; the one that wrote least lately is forgotten first. */
const fenceCapacity = 10_000

export const makeFences = (): Fences => {
  const current = new Map<string, number>()
  return {
    admits: ({ incarnation, key }) => {
      const known = current.get(key)
      if (known !== undefined && known > incarnation) return false
      current.delete(key)
      current.set(key, incarnation)
      const oldest = current.keys().next()
      if (current.size > fenceCapacity && oldest.done !== true) current.delete(oldest.value)
      return true
    }
  }
}

export const staleFence = (fence: Fence) =>
  new Conflict({ reason: "fence", message: `Another incarnation of ${fence.key} has taken over` })

export interface PlanOptions {
  readonly catalog: Catalog
  readonly store: Store
  readonly fences: Fences
  readonly head: () => number
}

export const planAppend = (
  { catalog, fences, head, store }: PlanOptions,
  events: ReadonlyArray<Encoded>,
  options: AppendOptions
): Plan<ReadonlyArray<Event>> => {
  const named = events.findIndex(({ event }) => event.event_id !== undefined)
  const fence = options.fence
  const expected = options.expected

  /** Rows that are committed, or in the draft before us. */
  const rowsFrom = (draft: Draft, after: number, count: number): Effect.Effect<ReadonlyArray<Row>, ReadError> => {
    const drafted = draft.rows.slice(Math.max(0, after - head()), Math.max(0, after - head()) + count)
    if (after >= head()) return Effect.succeed(drafted)
    return store
      .select({ after, upTo: head(), limit: count, descending: false, scope: {} })
      .pipe(Effect.map((rows) => [...rows, ...drafted].slice(0, count)))
  }

  const findById = (draft: Draft, id: string): Effect.Effect<number | undefined, ReadError> => {
    const drafted = draft.rows.find((row) => row.event_id === id)
    if (drafted !== undefined) return Effect.succeed(drafted.seq)
    return store
      .select({ after: 0, upTo: head(), limit: 1, descending: false, scope: {}, event_id: id })
      .pipe(Effect.map((rows) => rows[0]?.seq))
  }

  /** The rows that this append wrote when it was first made. */
  const before = Effect.fnUntraced(function* (draft: Draft) {
    for (const [index, { event }] of events.entries()) {
      if (event.event_id === undefined) continue
      const seq = yield* findById(draft, event.event_id)
      if (seq === undefined) continue
      // An append is written in one piece, so the place of one event tells that of all.
      const rows = seq > index ? yield* rowsFrom(draft, seq - index - 1, events.length) : []
      const same = rows.length === events.length && events.every((each, at) => isSame(each, rows[at]))
      if (!same) {
        return yield* new Conflict({
          reason: "event_id",
          message: `The event_id ${event.event_id} belongs to another event`
        })
      }
      return rows
    }
    return undefined
  })

  const version = Effect.fnUntraced(function* (draft: Draft, stream: EventScope) {
    const drafted = draft.rows.findLast((row) => inScope(row, stream))
    if (drafted !== undefined) return drafted.seq
    const rows = yield* store.select({ after: 0, upTo: head(), limit: 1, descending: true, scope: stream })
    return rows[0]?.seq ?? 0
  })

  const write = (draft: Draft) => {
    const start = draft.next - head() - 1
    for (const each of events) draft.rows.push(toRow(each, draft))
    return (committed: ReadonlyArray<Event>) => committed.slice(start, start + events.length)
  }

  if (named === -1 && fence === undefined && expected === undefined) {
    return (draft) => Effect.sync(() => write(draft))
  }
  return Effect.fnUntraced(function* (draft: Draft) {
    const written = named === -1 ? undefined : yield* before(draft)
    if (written !== undefined) return () => written.map((row) => decode(catalog, row))
    if (fence !== undefined && !fences.admits(fence)) return yield* staleFence(fence)
    if (expected !== undefined) {
      const actual = yield* version(draft, expected.stream)
      if (actual !== expected.version) {
        return yield* new Conflict({
          reason: "version",
          message: `The stream is at ${actual}, not at ${expected.version}`,
          actual
        })
      }
    }
    return write(draft)
  })
}

/** Adds a row to the draft's count; `text` may be an excerpt. */
export const toRow = ({ blobs, bytes, event, text, version }: Encoded, draft: Pick<Draft, "next" | "now">): NewRow => {
  const seq = draft.next
  draft.next += 1
  return {
    seq,
    event_id: event.event_id ?? ulid(),
    timestamp: draft.now,
    event_type: event.event_type,
    version,
    actor_id: event.actor_id,
    user_id: event.user_id ?? null,
    session_id: event.session_id ?? null,
    thread_id: event.thread_id ?? null,
    run_id: event.run_id ?? null,
    correlation_id: event.correlation_id ?? null,
    causation_id: event.causation_id ?? null,
    payload: text,
    bytes,
    blobs
  }
}

/** An event that has an id is that event; one that has none is known by what it says. */
const isSame = ({ event, text }: Encoded, row: Row | undefined) =>
  row !== undefined &&
  row.event_type === event.event_type &&
  row.actor_id === event.actor_id &&
  (event.event_id === undefined ? row.payload === text : row.event_id === event.event_id)
