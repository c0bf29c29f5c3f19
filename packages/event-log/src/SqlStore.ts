/**
 * The log in a libSQL file.
 *
 * Law: one connection writes, another reads. What may take long (a commit on a slow disk, a checkpoint, an erasure) runs
 * on a thread of the pool, never on the event loop; rows are bound on the loop, which costs microseconds each.
 */
import { statSync } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import { ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import Database from "libsql"
import AsyncDatabase from "libsql/promise"
import { failureOf, integer, isDatabaseError, type Reader, reader, text, textOrNull, type Value } from "./database.ts"
import { type StoreError, Unavailable } from "./Errors.ts"
import { migrate } from "./migrations.ts"
import { makeNames } from "./Names.ts"
import { erasedPayload, type NewRow, type Row, type Store } from "./Store.ts"
import { erasureCondition, type Numbers, selectRows } from "./select.ts"

/** Prepared shapes of reads that are kept. */
const statementCapacity = 64

/**
 * A commit that takes less than this (milliseconds, a running mean) stays on the event loop: going to a thread and back
 * would cost as much again. The first ones go to a thread, until the disk is known.
 */
const quickCommit = 2

/** Pages after which the write-ahead log is copied into the file; SQLite's own limit is a net below it. */
const checkpointPages = 1000
const pageBytes = 4096
/** About what one commit, and one event beside its payload, take in the write-ahead log. */
const commitPages = 8
const eventBytes = 512

/** libSQL's promise API: only `exec` and `prepare` leave the main thread, and `exec` is what a commit needs. */
interface WriteConnection {
  readonly exec: (sql: string) => Promise<void>
  readonly prepare: (sql: string) => Promise<WriteStatement>
  readonly close: () => void
}

interface WriteStatement {
  readonly run: (values: ReadonlyArray<Value>) => unknown
}

/** Opens the log at `file`, making it when missing. Who calls holds the lock (`FileLock`). */
export const makeSqlStore = Effect.fnUntraced(function* (file: string) {
  const read = yield* Effect.acquireRelease(
    attempt(`open the log ${file}`, async () => {
      await fs.mkdir(path.dirname(file), { recursive: true })
      const db = new Database(file)
      try {
        prepareFile(db)
      } catch (error) {
        db.close()
        throw error
      }
      return db
    }),
    (db) => Effect.sync(() => void db.close())
  )
  const write = yield* Effect.acquireRelease(
    attempt(`open the log ${file}`, async () => {
      const db: WriteConnection = new AsyncDatabase(file, {})
      await db.exec("PRAGMA busy_timeout = 5000")
      await db.exec("PRAGMA synchronous = FULL")
      await db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages * 4}`)
      return db
    }),
    (db) =>
      // Without it the write-ahead log is taken over at the next start: slower, but as good.
      Effect.promise(() => db.exec("PRAGMA wal_checkpoint(TRUNCATE)").catch(() => undefined)).pipe(
        Effect.andThen(Effect.sync(() => db.close()))
      )
  )
  return yield* attempt(`open the log ${file}`, () => assemble(read, write, makePlaceCheck(file)))
})

/**
 * Throws once the log's files are no longer at their path (deleted, replaced, unmounted): what is written to them then is
 * gone with the process, so nothing more may be acknowledged. A microsecond or two a commit.
 */
const makePlaceCheck = (file: string): (() => void) => {
  const files = [file, `${file}-wal`]
  const identityOf = (name: string) => {
    const found = statSync(name, { throwIfNoEntry: false })
    return found === undefined ? undefined : `${found.dev}:${found.ino}`
  }
  const opened = files.map(identityOf)
  return () => {
    const moved = files.find((name, index) => identityOf(name) !== opened[index])
    if (moved === undefined) return
    throw new Unavailable({ reason: "io", message: `The log's file ${path.basename(moved)} is no longer where it was` })
  }
}

const prepareFile = (db: Database.Database) => {
  db.exec("PRAGMA busy_timeout = 5000")
  const mode = text(reader(db, "PRAGMA journal_mode = WAL").all([])[0]?.[0])
  if (mode !== "wal") {
    throw new Unavailable({
      reason: mode === "delete" ? "read_only" : "io",
      message: "The log can't keep a write-ahead log here: its folder must be writable and on a local disk."
    })
  }
  db.exec("PRAGMA synchronous = FULL")
  migrate(db, integer(reader(db, "PRAGMA user_version").all([])[0]?.[0]), ulid)
  // Fails now, in words, and not at the first append, where the file can't be written.
  db.exec("BEGIN IMMEDIATE")
  db.exec("ROLLBACK")
  db.exec("PRAGMA query_only = 1")
}

const assemble = async (read: Database.Database, write: WriteConnection, checkPlace: () => void): Promise<Store> => {
  const names = makeNames(read)
  const logId = text(reader(read, "SELECT value FROM meta WHERE key = 'log_id'").all([])[0]?.[0])
  const initialHead = integer(reader(read, "SELECT coalesce(max(seq), 0) FROM events").all([])[0]?.[0])

  const types = new Map<string, { readonly id: number; readonly name: string; events: number; bytes: number }>()
  const readTypes = () => {
    const rows = reader(read, "SELECT event_type, events, payload_bytes FROM type_sizes").all([])
    for (const row of rows) {
      const id = integer(row[0])
      const name = names.nameOf(id)
      types.set(name, { id, name, events: integer(row[1]), bytes: integer(row[2]) })
    }
  }
  readTypes()
  const numbers = (): Numbers => ({ find: names.find, types: [...types.values()] })

  const begin = await write.prepare("BEGIN IMMEDIATE")
  const commit = await write.prepare("COMMIT")
  const rollback = await write.prepare("ROLLBACK")
  const insertName = await write.prepare("INSERT INTO names VALUES (?, ?)")
  const insertEvent = await write.prepare(`INSERT INTO events VALUES (${Array(13).fill("?").join(", ")})`)
  const insertBlob = await write.prepare("INSERT OR IGNORE INTO blob_refs (hash, seq, bytes) VALUES (?, ?, ?)")
  const addSize = await write.prepare(
    `INSERT INTO type_sizes VALUES (?, ?, ?) ON CONFLICT (event_type)
     DO UPDATE SET events = events + excluded.events, payload_bytes = payload_bytes + excluded.payload_bytes`
  )
  const saveSnapshot = await write.prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)")
  const beat = await write.prepare("INSERT OR REPLACE INTO heartbeat VALUES (1, ?)")
  const notOrphan = await write.prepare("DELETE FROM blob_orphans WHERE hash = ?")

  let meanCommit: number | undefined
  let pages = 0

  const checkpoint = async () => {
    pages = 0
    // It fails where the disk is full, which the next commit says; then the log only stays longer.
    await write.exec("PRAGMA wal_checkpoint(PASSIVE)").catch(() => undefined)
  }

  const transact = (act: string, body: () => void | Promise<void>): Effect.Effect<void, StoreError> =>
    attempt(act, async () => {
      begin.run([])
      try {
        await body()
        const begun = performance.now()
        if (meanCommit !== undefined && meanCommit < quickCommit) commit.run([])
        else await write.exec("COMMIT")
        const took = performance.now() - begun
        meanCommit = meanCommit === undefined ? took : meanCommit + (took - meanCommit) / 8
      } catch (error) {
        names.rolledBack()
        // SQLite has rolled back by itself after some failures; then there is nothing to roll back, and it says so.
        try {
          rollback.run([])
        } catch (second) {
          if (!isDatabaseError(second)) throw second
        }
        throw error
      }
      names.committed()
    }).pipe(Effect.uninterruptible)

  const internName = (name: string) => names.intern(name, (id, value) => insertName.run([id, value]))
  const internOrNull = (name: string | null) => (name === null ? null : internName(name))

  const writeRows = (rows: ReadonlyArray<NewRow>) => {
    const sizes = new Map<number, { events: number; bytes: number }>()
    for (const row of rows) {
      const type = internName(row.event_type)
      insertEvent.run([
        row.seq,
        row.event_id,
        row.timestamp,
        type,
        row.version,
        internName(row.actor_id),
        internOrNull(row.user_id),
        internOrNull(row.session_id),
        internOrNull(row.thread_id),
        internOrNull(row.run_id),
        internOrNull(row.correlation_id),
        row.causation_id,
        row.payload
      ])
      for (const blob of row.blobs) {
        insertBlob.run([blob.hash, row.seq, blob.bytes])
        notOrphan.run([blob.hash])
      }
      const size = sizes.get(type)
      if (size === undefined) sizes.set(type, { events: 1, bytes: row.bytes })
      else {
        size.events += 1
        size.bytes += row.bytes
      }
    }
    for (const [type, size] of sizes) addSize.run([type, size.events, size.bytes])
  }
  const countTypes = (rows: ReadonlyArray<NewRow>) => {
    for (const row of rows) {
      const known = types.get(row.event_type)
      if (known !== undefined) {
        known.events += 1
        known.bytes += row.bytes
        continue
      }
      const id = names.find(row.event_type)
      if (id !== undefined) types.set(row.event_type, { id, name: row.event_type, events: 1, bytes: row.bytes })
    }
  }

  const statements = new Map<string, Reader>()
  const statement = (sql: string): Reader => {
    const known = statements.get(sql)
    if (known !== undefined) return known
    const oldest = statements.keys().next()
    if (statements.size >= statementCapacity && oldest.done !== true) statements.delete(oldest.value)
    const made = reader(read, sql)
    statements.set(sql, made)
    return made
  }
  const query = <A>(body: () => A): Effect.Effect<A, Unavailable> => readAttempt("read the log", body)
  const number = (sql: string) => integer(statement(sql).all([])[0]?.[0])

  return {
    logId,
    initialHead,
    commit: (change) =>
      transact("append to the log", () => {
        checkPlace()
        writeRows(change.rows)
        for (const snapshot of change.snapshots) saveSnapshot.run([snapshot.key, snapshot.seq, snapshot.state])
        if (change.heartbeat !== undefined) beat.run([change.heartbeat])
      }).pipe(
        Effect.andThen(
          Effect.suspend(() => {
            countTypes(change.rows)
            pages += commitPages + change.rows.reduce((sum, row) => sum + row.bytes + eventBytes, 0) / pageBytes
            return pages < checkpointPages ? Effect.void : Effect.promise(checkpoint)
          })
        )
      ),
    select: (selection) =>
      query(() => {
        const found = selectRows(selection, numbers())
        return found === undefined
          ? []
          : statement(found.sql)
              .all(found.values)
              .map((row) => toRow(row, names.nameOf))
      }),
    heartbeat: query(() => number("SELECT beat FROM heartbeat")),
    loadSnapshot: (key) =>
      query(() => {
        const row = statement("SELECT seq, state FROM snapshots WHERE key = ?").all([key])[0]
        return row === undefined ? undefined : { key, seq: integer(row[0]), state: text(row[1]) }
      }),
    countErasable: (erasure) =>
      query(() => {
        const condition = erasureCondition(erasure, numbers())
        return condition === undefined
          ? 0
          : integer(
              reader(read, `SELECT count(*) FROM events WHERE ${condition} AND payload <> '${erasedPayload}'`).all(
                []
              )[0]?.[0]
            )
      }),
    erase: (erasure, row) => {
      const condition = erasureCondition(erasure, numbers())
      return transact("erase from the log", async () => {
        if (condition !== undefined) await write.exec(erasureScript(condition))
        writeRows([row])
      }).pipe(
        // What was erased is also in the write-ahead log until that is emptied.
        Effect.andThen(attempt("erase from the log", () => write.exec("PRAGMA wal_checkpoint(TRUNCATE)"))),
        Effect.andThen(query(readTypes))
      )
    },
    orphans: query(() =>
      statement("SELECT hash FROM blob_orphans")
        .all([])
        .map((row) => text(row[0]))
    ),
    forget: (hashes) =>
      transact("erase from the log", () => {
        for (const hash of hashes) notOrphan.run([hash])
      }),
    sizes: query(() => {
      const blobs = statement(
        "SELECT count(*), coalesce(sum(bytes), 0) FROM (SELECT DISTINCT hash, bytes FROM blob_refs)"
      )
      const [count, bytes] = blobs.all([])[0] ?? []
      return {
        types: [...types.values()].map((type) => ({
          event_type: type.name,
          events: type.events,
          payload_bytes: type.bytes
        })),
        blobs: { count: integer(count), bytes: integer(bytes) },
        file_bytes: number("PRAGMA page_count") * number("PRAGMA page_size")
      }
    })
  }
}

const erasureScript = (condition: string) => `
  PRAGMA secure_delete = ON;
  CREATE TEMP TABLE erasing AS SELECT seq FROM events WHERE ${condition} AND payload <> '${erasedPayload}';
  INSERT OR IGNORE INTO blob_orphans
    SELECT DISTINCT hash FROM blob_refs AS mine WHERE seq IN (SELECT seq FROM erasing)
      AND NOT EXISTS (SELECT 1 FROM blob_refs AS other WHERE other.hash = mine.hash AND other.seq NOT IN (SELECT seq FROM erasing));
  DELETE FROM blob_refs WHERE seq IN (SELECT seq FROM erasing);
  UPDATE events SET payload = '${erasedPayload}' WHERE seq IN (SELECT seq FROM erasing);
  DELETE FROM snapshots;
  UPDATE type_sizes SET payload_bytes =
    (SELECT coalesce(sum(octet_length(payload)), 0) FROM events WHERE events.event_type = type_sizes.event_type);
  DROP TABLE erasing;`

const toRow = (row: ReadonlyArray<unknown>, nameOf: (id: number) => string): Row => {
  const name = (value: unknown) => (value === null ? null : nameOf(integer(value)))
  return {
    seq: integer(row[0]),
    event_id: text(row[1]),
    timestamp: integer(row[2]),
    event_type: nameOf(integer(row[3])),
    version: integer(row[4]),
    actor_id: nameOf(integer(row[5])),
    user_id: name(row[6]),
    session_id: name(row[7]),
    thread_id: name(row[8]),
    run_id: name(row[9]),
    correlation_id: name(row[10]),
    causation_id: textOrNull(row[11]),
    payload: text(row[12])
  }
}

/** A failure of the file is an error; a failure of ours is a defect. */
const attempt = <A>(act: string, run: () => Promise<A>): Effect.Effect<A, StoreError> =>
  Effect.tryPromise({ try: run, catch: (error) => error }).pipe(Effect.catch((error) => translate(error, act)))

const readAttempt = <A>(act: string, run: () => A): Effect.Effect<A, Unavailable> =>
  Effect.try({ try: run, catch: (error) => error }).pipe(
    Effect.catch((error) => translate(error, act)),
    Effect.catchTag("EventLog.Full", (error) => Effect.fail(new Unavailable({ reason: "io", message: error.message })))
  )

const translate = (error: unknown, act: string): Effect.Effect<never, StoreError> => {
  if (error instanceof Unavailable) return Effect.fail(error)
  if (isDatabaseError(error)) return Effect.fail(failureOf(error, act))
  if (error instanceof Error && "code" in error && typeof error.code === "string") {
    return Effect.fail(
      new Unavailable({
        reason: error.code === "EACCES" ? "read_only" : "io",
        message: `Could not ${act}: ${error.code}`
      })
    )
  }
  return Effect.die(error)
}
