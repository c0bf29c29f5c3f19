/**
 * The revision of each file that someone has looked at: a number that moves when the content does.
 *
 * Law: of two contents that were seen one after the other, the later one has the greater number, also when a shell wrote
 * it and also over a restart. It is in the store before anyone is told.
 */
import type { AppendError, EventLog, ReadError } from "@choiros/event-log"
import type { Revision } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const Known = Schema.Struct({ rev: Schema.Int, hash: Schema.String, updated_at: Schema.String })
type Known = typeof Known.Type
const decodeKnown = Schema.decodeUnknownOption(Known)

/** A file's content as it was seen on the disk. */
export interface Seen {
  readonly hash: string
  readonly modifiedMs: number
}

export interface Moved {
  readonly revision: Revision
  /** Writes it down, unless that is done. */
  readonly persist: Effect.Effect<void, AppendError>
}

export interface FileRevisions {
  /** The revision of this content. Only to be asked while the file's lock is held. */
  readonly move: (path: string, seen: Seen) => Effect.Effect<Moved, ReadError>
}

/** Files whose revision is in memory; the others are in the store. */
const remembered = 5_000

interface Entry {
  readonly known: Known
  written: boolean
}

export const makeFileRevisions = (log: EventLog["Service"]): FileRevisions => {
  const entries = new Map<string, Entry>()

  const remember = (path: string, entry: Entry): void => {
    entries.delete(path)
    entries.set(path, entry)
    const oldest = entries.size > remembered ? entries.keys().next().value : undefined
    if (oldest !== undefined) entries.delete(oldest)
  }

  const find = (path: string): Effect.Effect<Entry | undefined, ReadError> => {
    const entry = entries.get(path)
    if (entry !== undefined) return Effect.succeed(entry)
    return Effect.map(log.snapshot.load(keyOf(path)), (saved) =>
      Option.getOrUndefined(
        Option.flatMap(saved, ({ state }) =>
          Option.map(decodeKnown(state), (known): Entry => ({ known, written: true }))
        )
      )
    )
  }

  const write = (path: string, entry: Entry): Effect.Effect<void, AppendError> =>
    Effect.gen(function* () {
      if (entry.written) return
      yield* log.snapshot.save(keyOf(path), yield* log.head, entry.known)
      entry.written = true
    })

  return {
    move: Effect.fnUntraced(function* (path: string, { hash, modifiedMs }: Seen) {
      const before = yield* find(path)
      const rev = (before?.known.rev ?? 0) + 1
      const updated_at = new Date(modifiedMs).toISOString()
      const entry = before?.known.hash === hash ? before : { known: { rev, hash, updated_at }, written: false }
      remember(path, entry)
      return { revision: toRevision(entry.known), persist: write(path, entry) }
    })
  }
}

const keyOf = (path: string): string => `file-revision/1/${path}`

const toRevision = ({ rev, updated_at }: Known): Revision => ({ rev, updated_at })
