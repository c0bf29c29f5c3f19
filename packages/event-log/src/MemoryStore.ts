/**
 * The log in memory, for tests and for trying: the plainest store that keeps the contract.
 */
import { ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import {
  type Erasure,
  erasedPayload,
  inScope,
  type NewRow,
  type Selection,
  type SnapshotRow,
  type Store
} from "./Store.ts"

export const makeMemoryStore = (): Store => {
  let rows: ReadonlyArray<NewRow> = []
  const snapshots = new Map<string, SnapshotRow>()
  const orphans = new Set<string>()
  let beat = 0

  const matches = (row: NewRow, selection: Pick<Selection, "scope" | "types">) =>
    inScope(row, selection.scope) && (selection.types === undefined || selection.types(row.event_type))
  const erasable = (row: NewRow, erasure: Erasure) =>
    row.seq <= erasure.upTo && row.payload !== erasedPayload && matches(row, erasure)
  const add = (added: ReadonlyArray<NewRow>) => {
    if (added.length === 0) return
    rows = rows.concat(added)
    for (const blob of added.flatMap((row) => row.blobs)) orphans.delete(blob.hash)
  }

  return {
    logId: ulid(),
    initialHead: 0,
    commit: (change) =>
      Effect.sync(() => {
        add(change.rows)
        for (const snapshot of change.snapshots) snapshots.set(snapshot.key, snapshot)
        beat = change.heartbeat ?? beat
      }),
    select: (selection) =>
      Effect.sync(() => {
        const range = rows.slice(selection.after, Math.max(selection.after, selection.upTo))
        const ordered = selection.descending ? range.reverse() : range
        return ordered
          .filter(
            (row) =>
              matches(row, selection) && (selection.event_id === undefined || row.event_id === selection.event_id)
          )
          .slice(0, Math.max(0, selection.limit))
      }),
    heartbeat: Effect.sync(() => beat),
    loadSnapshot: (key) => Effect.sync(() => snapshots.get(key)),
    countErasable: (erasure) => Effect.sync(() => rows.filter((row) => erasable(row, erasure)).length),
    erase: (erasure, row) =>
      Effect.sync(() => {
        const gone = rows.filter((each) => erasable(each, erasure)).flatMap((each) => each.blobs)
        rows = rows.map((each) =>
          erasable(each, erasure) ? { ...each, payload: erasedPayload, bytes: erasedPayload.length, blobs: [] } : each
        )
        const named = new Set(rows.flatMap((each) => each.blobs).map((blob) => blob.hash))
        for (const blob of gone) if (!named.has(blob.hash)) orphans.add(blob.hash)
        snapshots.clear()
        add([row])
      }),
    orphans: Effect.sync(() => [...orphans]),
    forget: (hashes) =>
      Effect.sync(() => {
        for (const hash of hashes) orphans.delete(hash)
      }),
    sizes: Effect.sync(() => {
      const types = new Map<string, { event_type: string; events: number; payload_bytes: number }>()
      for (const row of rows) {
        const size = types.get(row.event_type) ?? { event_type: row.event_type, events: 0, payload_bytes: 0 }
        types.set(row.event_type, { ...size, events: size.events + 1, payload_bytes: size.payload_bytes + row.bytes })
      }
      const blobs = new Map(rows.flatMap((row) => row.blobs).map((blob) => [blob.hash, blob.bytes]))
      return {
        types: [...types.values()],
        blobs: { count: blobs.size, bytes: [...blobs.values()].reduce((sum, bytes) => sum + bytes, 0) },
        file_bytes: 0
      }
    })
  }
}
