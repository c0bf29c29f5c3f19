/**
 * Files, through the host and inside the jail's own tree.
 *
 * Every path is absolute inside the jail or relative to the workspace; what leads out of the workspace fails with `outside`.
 */
import * as Effect from "effect/Effect"
import type { Channel, Refused } from "./Channel.ts"
import { FileConflict, FileFailure, type JailLost, type JailUnavailable } from "./errors.ts"
import { maxPayloadBytes } from "./frames.ts"
import type { Args, Value } from "./messages.ts"

export interface FileEntry {
  readonly path: string
  readonly kind: "file" | "directory" | "link" | "other"
  readonly size: number
  readonly modifiedMs: number
  /** Permission bits. */
  readonly mode: number
}

export interface FileContent {
  /** The real path: a file's one identity. */
  readonly path: string
  /** The asked-for part. */
  readonly bytes: Uint8Array
  /** Of the whole file. */
  readonly size: number
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly hash: string
  readonly modifiedMs: number
  readonly mode: number
}

export interface FileWritten {
  readonly path: string
  readonly size: number
  readonly hash: string
  /** Hash of what was there before; null when there was nothing. */
  readonly replaced: string | null
  readonly modifiedMs: number
}

export interface FileMatch {
  readonly path: string
  readonly line: number
  /** Byte column, from 1. */
  readonly column: number
  readonly text: string
}

type Fails<E = never> = FileFailure | JailLost | JailUnavailable | E

export interface JailFiles {
  readonly stat: (path: string) => Effect.Effect<FileEntry, Fails>
  /** In order of names; `skip` are names that are left out at any depth. At most `limit` (default 5,000) entries. */
  readonly list: (
    path: string,
    options?: { readonly recursive?: boolean; readonly limit?: number; readonly skip?: ReadonlyArray<string> }
  ) => Effect.Effect<
    { readonly path: string; readonly entries: ReadonlyArray<FileEntry>; readonly truncated: boolean },
    Fails
  >
  /** `limit` in bytes, at most (and by default) 16 MiB. */
  readonly read: (
    path: string,
    options?: { readonly offset?: number; readonly limit?: number }
  ) => Effect.Effect<FileContent, Fails>
  /**
   * Atomic: temporary file, sync, rename, under one lock a file; the mode stays. With `expectedHash` only over that content;
   * null: only where there is nothing. At most 16 MiB.
   */
  readonly write: (
    path: string,
    bytes: Uint8Array,
    options?: { readonly expectedHash?: string | null; readonly mkdirs?: boolean }
  ) => Effect.Effect<FileWritten, Fails<FileConflict>>
  readonly mkdir: (
    path: string,
    options?: { readonly recursive?: boolean }
  ) => Effect.Effect<{ readonly path: string }, Fails>
  readonly move: (
    from: string,
    to: string,
    options?: { readonly overwrite?: boolean }
  ) => Effect.Effect<{ readonly from: string; readonly to: string }, Fails>
  readonly remove: (
    path: string,
    options?: { readonly recursive?: boolean }
  ) => Effect.Effect<{ readonly path: string }, Fails>
  /** `.git` and `node_modules` are never searched. `limit` defaults to 200 matches, `timeoutMs` to 20,000. */
  readonly search: (options: {
    readonly pattern: string
    readonly path?: string
    readonly glob?: string
    readonly literal?: boolean
    readonly ignoreCase?: boolean
    readonly limit?: number
    readonly timeoutMs?: number
  }) => Effect.Effect<{ readonly matches: ReadonlyArray<FileMatch>; readonly truncated: boolean }, Fails>
}

export const makeFiles = (use: Effect.Effect<Channel, JailUnavailable | JailLost>): JailFiles => {
  const ask = <
    K extends
      | "files.stat"
      | "files.list"
      | "files.read"
      | "files.mkdir"
      | "files.move"
      | "files.remove"
      | "files.search"
  >(
    operation: K,
    args: Args<K>,
    path: string
  ) =>
    Effect.flatMap(use, (channel) => channel.request(operation, args)).pipe(
      Effect.catchTag("Refused", (refused) => Effect.fail(failureOf(refused, path)))
    )

  return {
    stat: (path) => Effect.map(ask("files.stat", { path }, path), ({ value }) => entryOf(value)),

    list: (path, { recursive = false, limit = 5000, skip = [] } = {}) =>
      Effect.map(ask("files.list", { path, recursive, limit, skip: [...skip] }, path), ({ value }) => ({
        path: value.path,
        entries: value.entries.map(entryOf),
        truncated: value.truncated
      })),

    read: (path, { offset = 0, limit = maxPayloadBytes } = {}) =>
      Effect.map(ask("files.read", { path, offset, limit }, path), ({ value, payload }) => ({
        path: value.path,
        bytes: payload,
        size: value.size,
        hash: value.hash,
        modifiedMs: value.modified_ms,
        mode: value.mode
      })),

    write: (path, bytes, { expectedHash, mkdirs = false } = {}) => {
      if (bytes.length > maxPayloadBytes) {
        const detail = `A file of ${bytes.length} bytes is too large to be written at once: ${path}`
        return Effect.fail(new FileFailure({ reason: "too_large", path, detail }))
      }
      return Effect.flatMap(use, (channel) =>
        channel.request("files.write", { path, expected: expectedOf(expectedHash), mkdirs }, bytes)
      ).pipe(
        Effect.catchTag("Refused", (refused) => Effect.fail(conflictOf(refused, path) ?? failureOf(refused, path))),
        Effect.map(({ value }) => ({
          path: value.path,
          size: value.size,
          hash: value.hash,
          replaced: value.replaced,
          modifiedMs: value.modified_ms
        }))
      )
    },

    mkdir: (path, { recursive = false } = {}) =>
      Effect.map(ask("files.mkdir", { path, recursive }, path), ({ value }) => value),

    move: (from, to, { overwrite = false } = {}) =>
      Effect.map(ask("files.move", { from, to, overwrite }, from), ({ value }) => value),

    remove: (path, { recursive = false } = {}) =>
      Effect.map(ask("files.remove", { path, recursive }, path), ({ value }) => value),

    search: ({ pattern, path = ".", glob, literal = false, ignoreCase = false, limit = 200, timeoutMs = 20_000 }) =>
      Effect.map(
        ask(
          "files.search",
          { pattern, path, glob: glob ?? null, literal, ignore_case: ignoreCase, limit, timeout_ms: timeoutMs },
          path
        ),
        ({ value }) => value
      )
  }
}

const expectedOf = (hash: string | null | undefined): Args<"files.write">["expected"] =>
  hash === undefined ? { kind: "any" } : hash === null ? { kind: "absent" } : { kind: "hash", hash }

const entryOf = ({ path, kind, size, modified_ms, mode }: Value<"files.stat">): FileEntry => ({
  path,
  kind,
  size,
  modifiedMs: modified_ms,
  mode
})

const failureOf = ({ failure }: Refused, path: string): FileFailure =>
  new FileFailure({ reason: failure.code, path, detail: failure.message })

const conflictOf = ({ failure, payload }: Refused, path: string): FileConflict | undefined => {
  if (failure.code !== "conflict") return undefined
  const latest = failure.latest ?? null
  if (latest === null) return new FileConflict({ path, latest: null })
  const { hash, size, modified_ms, complete } = latest
  return new FileConflict({ path, latest: { hash, size, modifiedMs: modified_ms, bytes: complete ? payload : null } })
}
