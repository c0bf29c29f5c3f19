/**
 * Where the log is kept: rows in, rows out. One contract test runs against every store.
 *
 * Law: a change is written whole or not at all, and is durable when `commit` returns. `seq` counts from 1 without a gap.
 */
import type * as Effect from "effect/Effect"
import type { ReadError, StoreError } from "./Errors.ts"

/** An event as it is kept. `timestamp` is in milliseconds since 1970, `payload` is JSON text. */
export interface Row {
  readonly seq: number
  readonly event_id: string
  readonly timestamp: number
  readonly event_type: string
  readonly version: number
  readonly actor_id: string
  readonly user_id: string | null
  readonly session_id: string | null
  readonly thread_id: string | null
  readonly run_id: string | null
  readonly correlation_id: string | null
  readonly causation_id: string | null
  readonly payload: string
}

/** A content-addressed file that an event names: it lives as long as an event does that names it. */
export interface BlobRef {
  readonly hash: string
  readonly bytes: number
}

export interface NewRow extends Row {
  /** Length of `payload` in UTF-8. */
  readonly bytes: number
  readonly blobs: ReadonlyArray<BlobRef>
}

/** Events whose envelope has these values; what is absent or null does not matter. */
export interface EventScope {
  readonly actor_id?: string | null | undefined
  readonly session_id?: string | null | undefined
  readonly thread_id?: string | null | undefined
  readonly run_id?: string | null | undefined
  readonly correlation_id?: string | null | undefined
}

export const scopeFields = ["run_id", "correlation_id", "thread_id", "session_id", "actor_id"] as const

export const inScope = (
  event: { readonly [Field in (typeof scopeFields)[number]]?: string | null | undefined },
  scope: EventScope
) => scopeFields.every((field) => scope[field] === undefined || scope[field] === null || scope[field] === event[field])

/** Rows with `after < seq <= upTo`, in the order of `seq` or against it, at most `limit`. */
export interface Selection {
  readonly after: number
  readonly upTo: number
  readonly limit: number
  readonly descending: boolean
  readonly scope: EventScope
  readonly event_id?: string | undefined
  /** Which types; absent: all. */
  readonly types?: ((type: string) => boolean) | undefined
}

export interface SnapshotRow {
  readonly key: string
  readonly seq: number
  readonly state: string
}

/** What one transaction writes. */
export interface Change {
  readonly rows: ReadonlyArray<NewRow>
  readonly snapshots: ReadonlyArray<SnapshotRow>
  /** Overwrites the one row that proves that the store takes writes. */
  readonly heartbeat?: number | undefined
}

/** Payloads to blank: of the scope, and (when given) of these types, up to a `seq`. */
export interface Erasure {
  readonly scope: EventScope
  readonly types?: ((type: string) => boolean) | undefined
  readonly upTo: number
}

export interface TypeSize {
  readonly event_type: string
  readonly events: number
  readonly payload_bytes: number
}

export interface StoreSizes {
  readonly types: ReadonlyArray<TypeSize>
  readonly blobs: { readonly count: number; readonly bytes: number }
  /** The log's own files, in bytes. */
  readonly file_bytes: number
}

export interface Store {
  /** A ULID that was made with the store. */
  readonly logId: string
  /** `seq` of the last row when the store was opened, 0 when empty. */
  readonly initialHead: number
  readonly commit: (change: Change) => Effect.Effect<void, StoreError>
  /** Committed rows, read in one go. */
  readonly select: (selection: Selection) => Effect.Effect<ReadonlyArray<Row>, ReadError>
  readonly heartbeat: Effect.Effect<number, ReadError>
  readonly loadSnapshot: (key: string) => Effect.Effect<SnapshotRow | undefined, ReadError>
  /** How many events would lose their payload. */
  readonly countErasable: (erasure: Erasure) => Effect.Effect<number, ReadError>
  /** Blanks payloads and drops every snapshot, with `row` as the event that says so, in one transaction. */
  readonly erase: (erasure: Erasure, row: NewRow) => Effect.Effect<void, StoreError>
  /** Blobs that an erasure left without an event; they may still be on the disk until they are forgotten. */
  readonly orphans: Effect.Effect<ReadonlyArray<string>, ReadError>
  readonly forget: (hashes: ReadonlyArray<string>) => Effect.Effect<void, StoreError>
  readonly sizes: Effect.Effect<StoreSizes, ReadError>
}

/** What is left of an erased payload. */
export const erasedPayload = '{"erased":true}'
