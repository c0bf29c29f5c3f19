/**
 * File operations inside the workspace.
 *
 * Law: a write is seen whole or not at all, and of two racing conditional writes exactly one wins.
 */
import { createHash, randomBytes } from "node:crypto"
import { type BigIntStats, constants, type Dirent, type Stats } from "node:fs"
import * as fs from "node:fs/promises"
import { maxPayloadBytes } from "../frames.ts"
import type { Args, Value } from "../messages.ts"
import { asFailure, errnoOf, HostFailure } from "./failure.ts"
import type { Folder, Place, Workspace } from "./Workspace.ts"

type Entry = Value<"files.stat">

const partBytes = 256 * 1024
const maxDepth = 256
/** A listing's paths stay well under a frame's header, however long the names are. */
const maxListedCharacters = 1024 * 1024

// O_NONBLOCK: opening a FIFO that an attacker put in the place must not hang.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
const createFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

const temporaryPrefix = ".choir-write-"

export class Files {
  private readonly workspace: Workspace
  private readonly locks = new Map<string, Promise<unknown>>()
  private readonly hashes = new Map<string, string>()

  constructor(workspace: Workspace) {
    this.workspace = workspace
  }

  async stat({ path }: Args<"files.stat">): Promise<Value<"files.stat">> {
    return this.about(path, async () => {
      await using found = await this.workspace.target(path)
      const stats = await fs.lstat(found.name === null ? found.folder.self : found.folder.at(found.name))
      return entryOf(found.path, stats)
    })
  }

  async list({ path, recursive, limit, skip }: Args<"files.list">): Promise<Value<"files.list">> {
    return this.about(path, async () => {
      await using top = await this.folderAt(path)
      const entries: Array<Entry> = []
      const skipped = new Set(skip)
      let characters = 0

      const walk = async (folder: Folder, depth: number): Promise<boolean> => {
        for (const child of await sortedChildren(folder)) {
          if (skipped.has(child.name) || child.name.startsWith(temporaryPrefix)) continue
          const childPath = folder.pathOf(child.name)
          characters += childPath.length
          if (entries.length >= limit || characters > maxListedCharacters) return false
          const stats = await fs.lstat(folder.at(child.name)).catch(ignoreMissing)
          if (stats === undefined) continue
          entries.push(entryOf(childPath, stats))
          if (!recursive || !stats.isDirectory() || depth >= maxDepth) continue
          const inner = await this.workspace.openChild(folder, child.name).catch(ignoreUnreadable)
          if (inner === undefined) continue
          await using opened = inner
          if (!(await walk(opened, depth + 1))) return false
        }
        return true
      }
      const complete = await walk(top, 0)
      return { path: top.path, entries, truncated: !complete }
    })
  }

  async read({
    path,
    offset,
    limit
  }: Args<"files.read">): Promise<{ value: Value<"files.read">; payload: Uint8Array }> {
    return this.about(path, async () => {
      await using found = await this.workspace.target(path)
      await using handle = await openFile(found)
      const stats = await handle.stat({ bigint: true })
      const { bytes, hash, size } = await this.readPart(handle, stats, offset, Math.min(limit, maxPayloadBytes))
      return {
        value: {
          path: found.path,
          size,
          hash,
          modified_ms: Number(stats.mtimeNs) / 1e6,
          mode: Number(stats.mode) & 0o7777
        },
        payload: bytes
      }
    })
  }

  async write({ path, expected, mkdirs }: Args<"files.write">, bytes: Uint8Array): Promise<Value<"files.write">> {
    return this.about(path, async () => {
      await using found = await this.workspace.target(path, { mkdirs })
      if (found.name === null) throw new HostFailure("is_directory", `It is a folder: ${path}`)
      return await this.locked(found.path, () => this.replace(found.folder, found, expected, bytes))
    })
  }

  async mkdir({ path, recursive }: Args<"files.mkdir">): Promise<Value<"files.mkdir">> {
    return this.about(path, async () => {
      if (recursive) {
        await using folder = await this.workspace.ensureFolder(this.workspace.absolute(path))
        return { path: folder.path }
      }
      await using found = await this.workspace.place(path)
      await fs.mkdir(childOf(found, path))
      return { path: found.path }
    })
  }

  async move({ from, to, overwrite }: Args<"files.move">): Promise<Value<"files.move">> {
    return this.about(`${from} to ${to}`, async () => {
      await using source = await this.workspace.place(from)
      await using target = await this.workspace.place(to)
      const sourcePath = childOf(source, from)
      const targetPath = childOf(target, to)
      return await this.locked(target.path, async () => {
        const stats = await fs.lstat(sourcePath)
        if (overwrite) {
          await fs.rename(sourcePath, targetPath)
        } else if (stats.isFile() && stats.uid === process.getuid?.()) {
          // link refuses what exists, rename would replace it.
          await fs.link(sourcePath, targetPath)
          await fs.unlink(sourcePath)
        } else {
          await refuseExisting(targetPath, to)
          await fs.rename(sourcePath, targetPath)
        }
        return { from: source.path, to: target.path }
      })
    })
  }

  async remove({ path, recursive }: Args<"files.remove">): Promise<Value<"files.remove">> {
    return this.about(path, async () => {
      await using found = await this.workspace.place(path)
      const at = childOf(found, path)
      const stats = await fs.lstat(at)
      if (!stats.isDirectory()) await fs.unlink(at)
      else {
        if (recursive && found.name !== null) await this.empty(found.folder, found.name)
        await fs.rmdir(at)
      }
      return { path: found.path }
    })
  }

  /** Removes what is in a folder through open folders alone, so that a folder swapped for a link is not entered. */
  private async empty(parent: Folder, name: string): Promise<void> {
    await using folder = await this.workspace.openChild(parent, name)
    for (const child of await sortedChildren(folder)) {
      const at = folder.at(child.name)
      const stats = await fs.lstat(at).catch(ignoreMissing)
      if (stats === undefined) continue
      if (stats.isDirectory()) {
        await this.empty(folder, child.name)
        await fs.rmdir(at)
      } else await fs.unlink(at)
    }
  }

  private async replace(
    folder: Folder,
    found: Place,
    expected: Args<"files.write">["expected"],
    bytes: Uint8Array
  ): Promise<Value<"files.write">> {
    const at = childOf(found, found.path)
    const current = await this.current(found, expected.kind === "any" ? 0 : maxPayloadBytes)
    const fits =
      expected.kind === "any" || (expected.kind === "absent" ? current === undefined : current?.hash === expected.hash)
    if (!fits) throw conflict(found.path, current)

    const temporary = folder.at(`${temporaryPrefix}${randomBytes(9).toString("hex")}`)
    const handle = await fs.open(temporary, createFlags, 0o666)
    try {
      let modified: number
      try {
        if (current !== undefined) await handle.chmod(current.mode)
        await handle.writeFile(bytes)
        await handle.sync()
        modified = (await handle.stat()).mtimeMs
      } finally {
        await handle.close()
      }
      if (expected.kind === "absent") {
        await fs.link(temporary, at).catch(async (error: unknown) => {
          if (errnoOf(error) !== "EEXIST") throw error
          throw conflict(found.path, await this.current(found, maxPayloadBytes))
        })
        await fs.unlink(temporary)
      } else await fs.rename(temporary, at)
      await folder.sync()
      return {
        path: found.path,
        size: bytes.length,
        hash: createHash("sha256").update(bytes).digest("hex"),
        replaced: current?.hash ?? null,
        modified_ms: modified
      }
    } catch (error) {
      await fs.unlink(temporary).catch(ignoreMissing)
      throw error
    }
  }

  private async current(found: Place, wanted: number): Promise<Current | undefined> {
    const opened = await openFile(found).catch((error: unknown) => {
      if (errnoOf(error) === "ENOENT") return undefined
      throw error
    })
    if (opened === undefined) return undefined
    await using handle = opened
    const stats = await handle.stat({ bigint: true })
    const part = await this.readPart(handle, stats, 0, wanted)
    return { ...part, modified_ms: Number(stats.mtimeNs) / 1e6, mode: Number(stats.mode) & 0o7777 }
  }

  /** The wanted part and the hash of the whole, in one pass, or from the last pass over the same unchanged file. */
  private async readPart(
    handle: fs.FileHandle,
    stats: BigIntStats,
    offset: number,
    limit: number
  ): Promise<{ bytes: Uint8Array; hash: string; size: number }> {
    const key = `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`
    const known = this.hashes.get(key)
    const parts: Array<Uint8Array> = []
    const end = offset + limit
    const hash = known === undefined ? createHash("sha256") : undefined
    let position = known === undefined ? 0 : offset
    for (;;) {
      if (hash === undefined && position >= end) break
      const buffer = Buffer.allocUnsafe(Math.min(partBytes, hash === undefined ? end - position : partBytes))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, position)
      if (bytesRead === 0) break
      const part = buffer.subarray(0, bytesRead)
      hash?.update(part)
      const from = Math.max(0, offset - position)
      const to = Math.min(bytesRead, end - position)
      if (from < to) parts.push(part.subarray(from, to))
      position += bytesRead
    }
    const bytes = Buffer.concat(parts)
    if (hash === undefined) return { bytes, hash: known ?? "", size: Number(stats.size) }
    const digest = hash.digest("hex")
    // A file that changed under the reading has no hash to remember; one written this instant may change within the
    // same tick of the clock, unseen.
    if (BigInt(position) === stats.size && Date.now() - Number(stats.mtimeMs) > 2000) this.remember(key, digest)
    return { bytes, hash: digest, size: position }
  }

  private remember(key: string, hash: string): void {
    this.hashes.set(key, hash)
    if (this.hashes.size <= 256) return
    for (const oldest of this.hashes.keys()) {
      this.hashes.delete(oldest)
      return
    }
  }

  private async folderAt(path: string): Promise<Folder> {
    const found = await this.workspace.target(path)
    if (found.name === null) return found.folder
    await using place = found
    return await this.workspace.openChild(place.folder, found.name)
  }

  private async locked<A>(key: string, run: () => Promise<A>): Promise<A> {
    const before = this.locks.get(key) ?? Promise.resolve()
    const turn = before.then(run, run)
    const settled = turn.catch(() => undefined)
    this.locks.set(key, settled)
    try {
      return await turn
    } finally {
      if (this.locks.get(key) === settled) this.locks.delete(key)
    }
  }

  private async about<A>(subject: string, run: () => Promise<A>): Promise<A> {
    try {
      return await run()
    } catch (error) {
      throw asFailure(error, subject)
    }
  }
}

interface Current {
  readonly bytes: Uint8Array
  readonly hash: string
  readonly size: number
  readonly mode: number
  readonly modified_ms: number
}

const conflict = (path: string, current: Current | undefined): HostFailure => {
  const message = current === undefined ? `The file is gone: ${path}` : `The file has changed: ${path}`
  if (current === undefined) return new HostFailure("conflict", message, { latest: null })
  const { bytes, hash, size, modified_ms } = current
  return new HostFailure("conflict", message, {
    latest: { hash, size, modified_ms, complete: bytes.length === size },
    payload: bytes
  })
}

const childOf = (found: Place, given: string): string => {
  if (found.name === null) throw new HostFailure("denied", `The workspace itself stays where it is: ${given}`)
  return found.folder.at(found.name)
}

const refuseExisting = async (at: string, given: string): Promise<void> => {
  const stats = await fs.lstat(at).catch(ignoreMissing)
  if (stats !== undefined) throw new HostFailure("exists", `It exists already: ${given}`)
}

const openFile = async (found: Place): Promise<fs.FileHandle> => {
  if (found.name === null) throw new HostFailure("is_directory", `It is a folder: ${found.path}`)
  const handle = await fs.open(found.folder.at(found.name), readFlags)
  try {
    const stats = await handle.stat()
    if (stats.isDirectory()) throw new HostFailure("is_directory", `It is a folder: ${found.path}`)
    if (!stats.isFile()) throw new HostFailure("not_file", `It is not a regular file: ${found.path}`)
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

const entryOf = (path: string, stats: Stats): Entry => ({
  path,
  kind: stats.isFile() ? "file" : stats.isDirectory() ? "directory" : stats.isSymbolicLink() ? "link" : "other",
  size: stats.size,
  modified_ms: stats.mtimeMs,
  mode: stats.mode & 0o7777
})

const sortedChildren = async (folder: Folder): Promise<ReadonlyArray<Dirent>> => {
  const children = await fs.readdir(folder.self, { withFileTypes: true })
  return children.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

const ignoreMissing = (error: unknown): undefined => {
  if (errnoOf(error) === "ENOENT") return undefined
  throw error
}

/** What vanished, was swapped for a link or may not be read is left out of a listing. */
const ignoreUnreadable = (error: unknown): undefined => {
  const code = error instanceof HostFailure ? error.code : errnoOf(error)
  if (code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "EACCES" || code === "outside")
    return undefined
  throw error
}
