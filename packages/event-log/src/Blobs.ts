/**
 * Content-addressed files: what is too long for the log, named by the SHA-256 of its bytes.
 *
 * Law: a blob that was put is on the disk, its folder entry too, before its name is known to anyone. A blob never changes.
 */
import { createHash, randomUUID } from "node:crypto"
import { createReadStream } from "node:fs"
import * as fs from "node:fs/promises"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { Full, type StoreError, Unavailable } from "./Errors.ts"
import type { BlobRef } from "./Store.ts"

export interface Blobs {
  readonly put: (bytes: Uint8Array) => Effect.Effect<BlobRef, StoreError>
  /** Puts a copy of the file's content; it is read in pieces. */
  readonly putFile: (file: string) => Effect.Effect<BlobRef, StoreError>
  /** The bytes from `offset` (0), at most `limit` (all); undefined when there is no such blob. */
  readonly read: (
    hash: string,
    range?: { readonly offset?: number; readonly limit?: number }
  ) => Effect.Effect<Uint8Array | undefined, Unavailable>
  /** Length in bytes; undefined when there is no such blob. */
  readonly size: (hash: string) => Effect.Effect<number | undefined, Unavailable>
}

export interface BlobStore extends Blobs {
  readonly remove: (hash: string) => Effect.Effect<void, StoreError>
}

/** Whether it looks like the name of a blob; only such a name ever becomes a path. */
export const isBlobHash = (hash: string): boolean => /^[0-9a-f]{64}$/.test(hash)

export const makeFileBlobs = Effect.fnUntraced(function* (folder: string) {
  const temporary = path.join(folder, "tmp")
  const fileOf = (hash: string) => path.join(folder, hash.slice(0, 2), hash.slice(2))

  yield* attempt("make the folder of the blobs", async () => {
    // What a crash left half-written has no name, so nobody can miss it.
    await fs.rm(temporary, { recursive: true, force: true })
    await fs.mkdir(temporary, { recursive: true })
    await syncFolder(folder)
  })

  /** Writes to a file without a name, and gives it its name when it is whole and on the disk. */
  const store = (chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) =>
    attempt("write a blob", async (): Promise<BlobRef> => {
      const draft = path.join(temporary, randomUUID())
      const hash = createHash("sha256")
      let bytes = 0
      try {
        const file = await fs.open(draft, "wx", 0o600)
        try {
          for await (const chunk of chunks) {
            hash.update(chunk)
            bytes += chunk.byteLength
            await file.writeFile(chunk)
          }
          await file.sync()
        } finally {
          await file.close()
        }
        const name = hash.digest("hex")
        const target = fileOf(name)
        const made = await fs.mkdir(path.dirname(target), { recursive: true })
        await fs.rename(draft, target)
        await syncFolder(path.dirname(target))
        if (made !== undefined) await syncFolder(folder)
        return { hash: name, bytes }
      } catch (error) {
        await fs.rm(draft, { force: true })
        throw error
      }
    }).pipe(Effect.uninterruptible)

  const blobs: BlobStore = {
    put: (bytes) => store([bytes]),
    putFile: (file) => Effect.suspend(() => store(createReadStream(file))),
    read: (hash, range = {}) =>
      isBlobHash(hash)
        ? attemptRead("read a blob", async () => {
            const file = await fs.open(fileOf(hash), "r")
            try {
              const offset = range.offset ?? 0
              const { size } = await file.stat()
              const length = Math.max(0, Math.min(range.limit ?? size, size - offset))
              const buffer = new Uint8Array(length)
              let read = 0
              while (read < length) {
                const { bytesRead } = await file.read(buffer, read, length - read, offset + read)
                if (bytesRead === 0) break
                read += bytesRead
              }
              return buffer.subarray(0, read)
            } finally {
              await file.close()
            }
          })
        : Effect.undefined,
    size: (hash) =>
      isBlobHash(hash) ? attemptRead("find a blob", async () => (await fs.stat(fileOf(hash))).size) : Effect.undefined,
    remove: (hash) =>
      isBlobHash(hash)
        ? attempt("remove a blob", async () => {
            await fs.rm(fileOf(hash), { force: true })
            await syncFolder(path.dirname(fileOf(hash))).catch(ignoreMissing)
          })
        : Effect.void
  }
  return blobs
})

export const makeMemoryBlobs = (): BlobStore => {
  const held = new Map<string, Uint8Array>()
  const put = (bytes: Uint8Array) => {
    const hash = createHash("sha256").update(bytes).digest("hex")
    held.set(hash, bytes.slice())
    return { hash, bytes: bytes.byteLength }
  }
  return {
    put: (bytes) => Effect.sync(() => put(bytes)),
    putFile: (file) => attempt("read a file", async () => put(await fs.readFile(file))),
    read: (hash, range = {}) =>
      Effect.sync(() => {
        const offset = range.offset ?? 0
        return held.get(hash)?.slice(offset, range.limit === undefined ? undefined : offset + range.limit)
      }),
    size: (hash) => Effect.sync(() => held.get(hash)?.byteLength),
    remove: (hash) => Effect.sync(() => void held.delete(hash))
  }
}

const syncFolder = async (folder: string) => {
  const handle = await fs.open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const codeOf = (error: unknown) => (error instanceof Error && "code" in error ? error.code : undefined)

const ignoreMissing = (error: unknown) => {
  if (codeOf(error) !== "ENOENT") throw error
}

const unavailable = (what: string, error: unknown) => {
  const code = codeOf(error)
  const message = `Could not ${what}: ${typeof code === "string" ? code : "unknown failure"}`
  return new Unavailable({ reason: code === "EROFS" || code === "EACCES" ? "read_only" : "io", message })
}

const attempt = <A>(what: string, run: () => Promise<A>): Effect.Effect<A, StoreError> =>
  Effect.tryPromise({
    try: run,
    catch: (error) => {
      const code = codeOf(error)
      return code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG"
        ? new Full({ message: `Could not ${what}: there is no space left for it. Free some and try again.` })
        : unavailable(what, error)
    }
  })

const attemptRead = <A>(what: string, run: () => Promise<A>): Effect.Effect<A | undefined, Unavailable> =>
  Effect.tryPromise({
    try: () =>
      run().catch((error: unknown) => {
        ignoreMissing(error)
        return undefined
      }),
    catch: (error) => unavailable(what, error)
  })
