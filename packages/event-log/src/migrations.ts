/**
 * The log's tables, made by numbered migrations, each run once.
 *
 * Law: a migration that was released is never changed; the file says in `user_version` how many it has had.
 *
 * Strings of the envelope that repeat (types, actors, threads, runs) are kept once, in `names`; a row and its indexes have
 * their numbers. This halves the file and the time of an append. The view `log` shows it as one reads it.
 */
import type Database from "libsql"
import { Unavailable } from "./Errors.ts"

const migrations: ReadonlyArray<string> = [
  `
  CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    timestamp INTEGER NOT NULL,
    event_type INTEGER NOT NULL,
    version INTEGER NOT NULL,
    actor_id INTEGER NOT NULL,
    user_id INTEGER,
    session_id INTEGER,
    thread_id INTEGER,
    run_id INTEGER,
    correlation_id INTEGER,
    causation_id TEXT,
    payload TEXT NOT NULL
  ) STRICT;
  CREATE INDEX events_by_type ON events (event_type);
  CREATE INDEX events_by_actor ON events (actor_id);
  CREATE INDEX events_by_thread ON events (thread_id, session_id) WHERE thread_id IS NOT NULL;
  CREATE INDEX events_by_run ON events (run_id) WHERE run_id IS NOT NULL;
  CREATE INDEX events_by_correlation ON events (correlation_id) WHERE correlation_id IS NOT NULL;

  CREATE VIEW log AS SELECT
    seq, event_id, strftime('%Y-%m-%dT%H:%M:%fZ', timestamp / 1000.0, 'unixepoch') AS timestamp,
    (SELECT name FROM names WHERE id = event_type) AS event_type, version,
    (SELECT name FROM names WHERE id = actor_id) AS actor_id,
    (SELECT name FROM names WHERE id = user_id) AS user_id,
    (SELECT name FROM names WHERE id = session_id) AS session_id,
    (SELECT name FROM names WHERE id = thread_id) AS thread_id,
    (SELECT name FROM names WHERE id = run_id) AS run_id,
    (SELECT name FROM names WHERE id = correlation_id) AS correlation_id,
    causation_id, payload
  FROM events;

  -- What each type has in the log, counted as it is written, so that sizes cost no scan.
  CREATE TABLE type_sizes (event_type INTEGER PRIMARY KEY, events INTEGER NOT NULL, payload_bytes INTEGER NOT NULL) STRICT;

  CREATE TABLE blob_refs (hash TEXT NOT NULL, seq INTEGER NOT NULL, bytes INTEGER NOT NULL, PRIMARY KEY (hash, seq))
    STRICT, WITHOUT ROWID;
  CREATE INDEX blob_refs_by_seq ON blob_refs (seq);
  -- Blobs that no event names since an erasure, and that may still be on the disk.
  CREATE TABLE blob_orphans (hash TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

  CREATE TABLE snapshots (key TEXT PRIMARY KEY, seq INTEGER NOT NULL, state TEXT NOT NULL) STRICT;
  CREATE TABLE heartbeat (id INTEGER PRIMARY KEY CHECK (id = 1), beat INTEGER NOT NULL) STRICT;
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `
]

/** Brings the file to our version, in one transaction a migration. Throws `Unavailable` on a file of a later version. */
export const migrate = (db: Database.Database, version: number, logId: () => string): void => {
  if (version > migrations.length) {
    throw new Unavailable({
      reason: "newer",
      message: `The log was written by a later version of ChoirOS (${version}, this one knows ${migrations.length}). Update it.`
    })
  }
  for (const [index, migration] of migrations.slice(version).entries()) {
    db.exec("BEGIN IMMEDIATE")
    try {
      db.exec(migration)
      if (version + index === 0) db.prepare("INSERT INTO meta VALUES ('log_id', ?)").run(logId())
      db.exec(`PRAGMA user_version = ${version + index + 1}`)
      db.exec("COMMIT")
    } catch (error) {
      db.exec("ROLLBACK")
      throw error
    }
  }
}
