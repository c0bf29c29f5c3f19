/** The three logs that are compared: ours, its own table written by libSQL alone, and emmett's on SQLite. */
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { EventLog, type NewEvent } from "@choiros/event-log"
import { catalog, ulid } from "@choiros/protocol"
import { getSQLiteEventStore, SQLiteConnectionPool, sqliteConnection } from "@event-driven-io/emmett-sqlite"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import Database from "libsql"

export const temporaryFolder = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "choir-bench-"))
  process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

const text = "A message as people write them, of some two hundred characters. ".repeat(3)

/** As a chat's message comes: of one of 100 actors, each with a session, a thread and a run of ten events. */
export const message = (n: number): NewEvent => ({
  event_type: "chat.user_msg",
  payload: { text, message_id: ulid(), client_message_id: null, mode: "steer" },
  actor_id: `chat-${n % 100}`,
  user_id: "anonymous",
  session_id: `session:chat-${n % 100}`,
  thread_id: `thread:chat-${n % 100}`,
  run_id: `run-${Math.floor(n / 10)}`,
  correlation_id: `correlation-${Math.floor(n / 10)}`,
  causation_id: ulid()
})

export const openOurs = async (folder: string) => {
  const runtime = ManagedRuntime.make(
    EventLog.layer({ catalog, path: `${folder}/log.db`, blobs: `${folder}/blobs`, forkWriter: true })
  )
  const log = await runtime.runPromise(Effect.flatMap(EventLog, Effect.succeed))
  return { log, run: runtime.runPromise, close: () => runtime.dispose() }
}

/** libSQL alone on our table with our indexes: rows are bound as they would be, names are numbers already. */
export const openRaw = async (folder: string) => {
  const ours = await openOurs(folder)
  await ours.close()
  const db = new Database(`${folder}/log.db`)
  db.exec("PRAGMA synchronous = FULL")
  const begin = db.prepare("BEGIN IMMEDIATE")
  const insert = db.prepare(`INSERT INTO events VALUES (${Array(13).fill("?").join(", ")})`)
  const commit = db.prepare("COMMIT")
  let seq = 0
  const rowsOf = (count: number) =>
    Array.from({ length: count }, () => {
      const n = ++seq
      const { payload } = message(n)
      const actor = 10 + (n % 100)
      const run = 1000 + Math.floor(n / 10)
      return [
        n,
        ulid(),
        Date.now(),
        1,
        1,
        actor,
        2,
        actor + 100,
        actor + 200,
        run,
        run,
        ulid(),
        JSON.stringify(payload)
      ]
    })
  return {
    rowsOf,
    /** One transaction. */
    write: (rows: ReadonlyArray<ReadonlyArray<unknown>>) => {
      begin.run()
      for (const row of rows) insert.run(row)
      commit.run()
    },
    close: () => void db.close()
  }
}

/**
 * emmett at its quickest: one connection that is kept (by default it opens one an append, ten times slower), a file that
 * already has a write-ahead log (it turns that on while its first transaction runs, which fails on a new file).
 */
export const openEmmett = async (folder: string) => {
  const fileName = `${folder}/emmett.db`
  const db = new Database(fileName)
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE made (id INTEGER)")
  db.close()
  const connection = sqliteConnection({ fileName })
  const pool = SQLiteConnectionPool({ fileName, connectionOptions: { singleton: true, connection } })
  const store = getSQLiteEventStore({ fileName, pool, schema: { autoMigration: "None" } })
  await store.schema.migrate()
  return {
    append: (stream: string, events: ReadonlyArray<NewEvent>) =>
      store.appendToStream(
        stream,
        events.map(({ event_type, payload, ...metadata }) => ({
          type: event_type,
          data: { ...Object(payload) },
          metadata
        }))
      ),
    read: (stream: string) => store.readStream(stream),
    close: () => connection.close()
  }
}
