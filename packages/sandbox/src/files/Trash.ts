/**
 * The trash: what was deleted through the computer (and not by a shell's `rm`), until it is restored.
 *
 * Law: nothing leaves it in silence. What was deleted is moved, whole, with one rename, into a folder of the workspace's
 * own disk, so that its space counts where it always did. That folder is within reach of whatever runs in the jail; what
 * lies in it is known from the log, which is not, so that what is missing is missed and said.
 */
import * as path from "node:path/posix"
import type { EventLog, ReadError } from "@choiros/event-log"
import { FileFailure, type JailFiles } from "@choiros/jail"
import { type Event, isEvent, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { type FileError, NotInTrash, type NotRecorded, notRecorded } from "./errors.ts"

/** At the root of the workspace; no listing and no search shows it. */
export const trashFolder = ".choir-trash"

const trashActor = "trash"

export interface Trashed {
  readonly trash_id: string
  /** Where it was. */
  readonly path: string
  readonly trashed_at: string
}

export interface TrashedEntry extends Trashed {
  readonly kind: "file" | "directory" | "link" | "other"
  readonly bytes: number
  /** Something in the workspace has removed it from the trash: it can't be restored. */
  readonly lost: boolean
}

export interface Trash {
  readonly put: (given: string, by: string) => Effect.Effect<Trashed, FileError | NotRecorded>
  /** Back to where it was, or to `to`. */
  readonly restore: (
    trash_id: string,
    to: string | null,
    by: string
  ) => Effect.Effect<{ readonly path: string }, FileError | NotRecorded | NotInTrash | ReadError>
  /** Newest first. */
  readonly list: Effect.Effect<ReadonlyArray<TrashedEntry>, FileError | ReadError>
}

export interface TrashOptions {
  readonly log: EventLog["Service"]
  readonly files: JailFiles
  readonly root: string
}

export const makeTrash = ({ files, log, root }: TrashOptions): Trash => {
  const folder = path.join(root, trashFolder)
  const folderOf = (trash_id: string) => path.join(folder, trash_id)
  const placeOf = (trashed: Trashed) => path.join(folderOf(trashed.trash_id), path.basename(trashed.path))

  const contents: Effect.Effect<ReadonlyMap<string, Trashed>, ReadError> = log
    .stream({ actor_id: trashActor, types: ["file.trashed", "file.restored"] })
    .pipe(Stream.runFold((): Map<string, Trashed> => new Map(), evolve))

  /** Neither the user's repository nor a search has anything to do with it. */
  const ignored = Effect.forEach(
    [".gitignore", ".ignore"],
    (name) => Effect.ignore(files.write(path.join(folder, name), Buffer.from("*\n"), { expectedHash: null })),
    { discard: true }
  )

  const put = Effect.fnUntraced(function* (given: string, by: string) {
    const from = path.resolve(root, given)
    if (from === folder || from.startsWith(`${folder}/`)) {
      const detail = `It is in the trash already: ${given}`
      return yield* new FileFailure({ reason: "denied", path: given, detail })
    }
    const trash_id = ulid()
    yield* files.mkdir(folderOf(trash_id), { recursive: true })
    yield* ignored
    const to = path.join(folderOf(trash_id), path.basename(from))
    const moved = yield* files
      .move(given, to)
      .pipe(Effect.onError(() => Effect.ignore(files.remove(folderOf(trash_id)))))
    const [event] = yield* log
      .append([{ actor_id: trashActor, event_type: "file.trashed", payload: { path: moved.from, trash_id, by } }])
      .pipe(
        // What is not in the log is not in the trash: back with it.
        Effect.onError(() => Effect.ignore(files.move(to, moved.from))),
        Effect.mapError((error) => notRecorded(moved.from, error))
      )
    return { trash_id, path: moved.from, trashed_at: event?.timestamp ?? "" }
  }, Effect.uninterruptible)

  const restore = Effect.fnUntraced(function* (trash_id: string, to: string | null, by: string) {
    const trashed = (yield* contents).get(trash_id)
    if (trashed === undefined) return yield* new NotInTrash({ trash_id, lost: false })
    const found = yield* stateOf(trashed)
    if (found.lost) return yield* new NotInTrash({ trash_id, lost: true })
    const target = path.resolve(root, to ?? trashed.path)
    yield* files.mkdir(path.dirname(target), { recursive: true })
    const moved = yield* files.move(placeOf(trashed), target)
    yield* Effect.ignore(files.remove(folderOf(trash_id)))
    yield* log
      .append([{ actor_id: trashActor, event_type: "file.restored", payload: { path: moved.to, trash_id, by } }])
      .pipe(Effect.mapError((error) => notRecorded(moved.to, error)))
    return { path: moved.to }
  }, Effect.uninterruptible)

  const stateOf = (trashed: Trashed): Effect.Effect<TrashedEntry, FileError> =>
    files.list(folderOf(trashed.trash_id), { limit: 100 }).pipe(
      Effect.map(({ entries }) => entries.find((entry) => path.basename(entry.path) === path.basename(trashed.path))),
      Effect.catchIf(
        (error) => error._tag === "Jail.FileFailure",
        () => Effect.undefined
      ),
      Effect.map((entry) => ({
        ...trashed,
        kind: entry?.kind ?? "other",
        bytes: entry?.size ?? 0,
        lost: entry === undefined
      }))
    )

  return {
    put,
    restore,
    list: Effect.flatMap(contents, (all) => Effect.forEach([...all.values()].toReversed(), stateOf, { concurrency: 8 }))
  }
}

const evolve = (contents: Map<string, Trashed>, event: Event): Map<string, Trashed> => {
  if (isEvent(event, "file.trashed")) {
    const { path, trash_id } = event.payload
    contents.set(trash_id, { path, trash_id, trashed_at: event.timestamp })
  } else if (isEvent(event, "file.restored")) contents.delete(event.payload.trash_id)
  return contents
}
