/**
 * One process at a time: an exclusive lock on a file, held until the scope closes or the process dies.
 *
 * Law: the kernel holds the lock, so a process that was killed leaves none behind, and no stale file can refuse a start.
 *
 * Node has no `flock`; SQLite has, and it is here anyway: a transaction on an empty database holds the file's lock.
 */
import * as fs from "node:fs/promises"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import Database from "libsql"
import { failureOf } from "./database.ts"
import { Unavailable } from "./Errors.ts"

/** Locks `file` (made when missing) for `what`, a noun for the message. Fails with reason `locked` when another has it. */
export const lockFile = (file: string, what: string) =>
  Effect.acquireRelease(
    Effect.tryPromise({
      try: async () => {
        await fs.mkdir(path.dirname(file), { recursive: true })
        const lock = new Database(file)
        try {
          lock.exec("BEGIN EXCLUSIVE")
        } catch (error) {
          lock.close()
          throw error
        }
        return lock
      },
      catch: (error) => {
        const failure = failureOf(error, `lock ${what}`)
        return failure._tag === "EventLog.Unavailable" && failure.reason === "locked"
          ? new Unavailable({
              reason: "locked",
              message: `Another process is using ${what}. Stop it first, or choose another place.`
            })
          : failure
      }
    }),
    (lock) =>
      Effect.sync(() => {
        lock.exec("ROLLBACK")
        lock.close()
      })
  ).pipe(Effect.asVoid)
