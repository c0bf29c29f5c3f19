/** Files of ours that are asked for again and again: kept in memory, up to a bound, for as long as they stay the same. */
import { createHash } from "node:crypto"
import * as Fs from "node:fs/promises"

export interface HotFile {
  readonly bytes: Uint8Array
  /** Of these bytes, in its quotes. */
  readonly etag: string
}

interface Kept extends HotFile {
  readonly modified: number
  readonly size: number
}

/** In bytes: what is kept at most, and the largest file of it. */
const bound = { all: 24 * 1024 * 1024, one: 4 * 1024 * 1024 } as const

interface HotFiles {
  /** Undefined for what can't be read. */
  readonly read: (file: string) => Promise<HotFile | undefined>
}

export const makeHotFiles = (): HotFiles => {
  /** The one that was asked for last comes last. */
  const kept = new Map<string, Kept>()
  let bytesKept = 0

  const forget = (file: string): void => {
    bytesKept -= kept.get(file)?.bytes.byteLength ?? 0
    kept.delete(file)
  }

  const keep = (file: string, one: Kept): void => {
    forget(file)
    if (one.bytes.byteLength > bound.one) return
    kept.set(file, one)
    bytesKept += one.bytes.byteLength
    for (const oldest of kept.keys()) {
      if (bytesKept <= bound.all) return
      forget(oldest)
    }
  }

  const read = async (file: string): Promise<HotFile> => {
    const { mtimeMs: modified, size } = await Fs.stat(file)
    const before = kept.get(file)
    if (before !== undefined && before.modified === modified && before.size === size) {
      kept.delete(file)
      kept.set(file, before)
      return before
    }
    const bytes = await Fs.readFile(file)
    const etag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 27)}"`
    const now = { bytes, etag, modified, size }
    keep(file, now)
    return now
  }

  return { read: (file) => read(file).catch(() => undefined) }
}
