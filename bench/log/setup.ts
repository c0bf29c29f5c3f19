/** The three logs that are compared: ours, its own table written by libSQL alone, and emmett's on SQLite. */
import { EventLog, type NewEvent } from "@choiros/event-log"
import { catalog, ulid } from "@choiros/protocol"
import { getSQLiteEventStore, SQLiteConnectionPool, sqliteConnection } from "@event-driven-io/emmett-sqlite"
import * as Effect from "effect/Effect"
import * as ManagedRuntime from "effect/ManagedRuntime"
import Database from "libsql"

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

/** libSQL alone writing the rows that our append writes, into our tables with our indexes. */
export const openRaw = async (folder: string) => {
  const ours = await openOurs(folder)
  await ours.close()
  const db = new Database(`${folder}/log.db`)
  db.exec("PRAGMA synchronous = FULL")
  const begin = db.prepare("BEGIN IMMEDIATE")
  const insertName = db.prepare("INSERT INTO names VALUES (?, ?)")
  const insertEvent = db.prepare(`INSERT INTO events VALUES (${Array(13).fill("?").join(", ")})`)
  const commit = db.prepare("COMMIT")
  const numbers = new Map<string, number>()
  let seq = 0
  const rowsOf = (count: number) => {
    const names: Array<ReadonlyArray<unknown>> = []
    const number = (name: string | null | undefined) => {
      if (name === null || name === undefined) return null
      const known = numbers.get(name)
      if (known !== undefined) return known
      numbers.set(name, numbers.size + 1)
      names.push([numbers.size, name])
      return numbers.size
    }
    const events = Array.from({ length: count }, () => {
      const event = message(++seq)
      const scope = [
        event.actor_id,
        event.user_id,
        event.session_id,
        event.thread_id,
        event.run_id,
        event.correlation_id
      ]
      const payload = JSON.stringify(event.payload)
      return [seq, ulid(), Date.now(), number(event.event_type), 1, ...scope.map(number), event.causation_id, payload]
    })
    return { names, events }
  }
  return {
    rowsOf,
    /** One transaction. */
    write: ({ events, names }: ReturnType<typeof rowsOf>) => {
      begin.run()
      for (const row of names) insertName.run(row)
      for (const row of events) insertEvent.run(row)
      commit.run()
    },
    close: () => void db.close()
  }
}

/**
 * emmett, as documented: a connection an append. Or, when `kept`, with one connection that its pool is given.
 * It turns the write-ahead log on while its first transaction runs, which fails on a new file: it gets one that has it.
 */
export const openEmmett = async (folder: string, kept: boolean) => {
  const fileName = `${folder}/emmett-${kept}.db`
  const db = new Database(fileName)
  db.exec("PRAGMA journal_mode = WAL; CREATE TABLE made (id INTEGER)")
  db.close()
  const connection = kept ? sqliteConnection({ fileName }) : undefined
  const pool =
    connection === undefined
      ? SQLiteConnectionPool({ fileName })
      : SQLiteConnectionPool({ fileName, connectionOptions: { singleton: true, connection } })
  const store = getSQLiteEventStore({ fileName, pool, schema: { autoMigration: "None" } })
  await store.schema.migrate()
  const append = (stream: string, events: ReadonlyArray<NewEvent>) =>
    store.appendToStream(
      stream,
      events.map(({ event_type, payload, ...metadata }) => ({
        type: event_type,
        data: { ...Object(payload) },
        metadata
      }))
    )
  return {
    // With a connection an append, one in a hundred commits while its own statement is still open, and is refused.
    append: async (stream: string, events: ReadonlyArray<NewEvent>) => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await append(stream, events)
        } catch (error) {
          if (attempt === 10 || !String(error).includes("SQLITE_BUSY")) throw error
        }
      }
    },
    read: (stream: string) => store.readStream(stream),
    close: () => connection?.close()
  }
}
