/**
 * What a command has printed: in memory while it is short, in a file outside of the jail when it grows.
 *
 * Law: memory and disk are bounded, whatever is printed: the first bytes are kept up to a limit, and always the last.
 * A disk that takes no more loses output and never stops the command.
 */
import { randomUUID } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"

interface SpoolLimits {
  /** Bytes in memory before there is a file. */
  readonly memory: number
  /** Bytes that are kept from the beginning on. */
  readonly kept: number
  /** Bytes that are kept of the end, when there was more. */
  readonly tail: number
}

const spoolLimits: SpoolLimits = { memory: 256 * 1024, kept: 32 * 1024 * 1024, tail: 64 * 1024 }

export class Spool {
  readonly #folder: string
  readonly #limits: SpoolLimits
  #memory: Array<Buffer> = []
  #file: Fs.FileHandle | null = null
  #path: string | null = null
  #kept = 0
  #total = 0
  #tail: Buffer = Buffer.alloc(0)
  #full = false

  constructor(folder: string, limits: SpoolLimits = spoolLimits) {
    this.#folder = folder
    this.#limits = limits
  }

  /** Bytes that were printed. */
  get total(): number {
    return this.#total
  }

  /** Bytes from the beginning that are still here. */
  get kept(): number {
    return this.#kept
  }

  /** Whether a file holds it. */
  get isLong(): boolean {
    return this.#path !== null
  }

  async append(text: string): Promise<void> {
    const bytes = Buffer.from(text)
    this.#total += bytes.length
    this.#tail = lastBytes(this.#tail, bytes, this.#limits.tail)
    if (this.#full) return
    const room = this.#limits.kept - this.#kept
    const piece = bytes.length > room ? bytes.subarray(0, wholeCharacters(bytes, room)) : bytes
    this.#full = piece.length < bytes.length
    if (this.#path === null && this.#kept + piece.length <= this.#limits.memory) {
      this.#memory.push(piece)
      this.#kept += piece.length
      return
    }
    try {
      this.#file ??= await this.#open()
      await writeAll(this.#file, piece, this.#kept)
      this.#kept += piece.length
    } catch {
      // No room, or no folder: what is kept so far stays, and `kept` says how far it goes.
      this.#full = true
    }
  }

  /** Text from a byte on, at most `limit` bytes. Empty where nothing was kept. */
  async read(offset: number, limit: number): Promise<string> {
    if (offset < this.#kept) return decode(await this.#readKept(offset, Math.min(limit, this.#kept - offset)))
    const tailFrom = this.#total - this.#tail.length
    if (offset < tailFrom) return ""
    return decode(this.#tail.subarray(offset - tailFrom, offset - tailFrom + limit))
  }

  /** The last bytes, at most `limit`. */
  last(limit: number): string {
    return decode(this.#tail.subarray(Math.max(0, this.#tail.length - limit)))
  }

  /** Where the kept end begins. Between `kept` and here nothing is left. */
  get tailFrom(): number {
    return Math.max(this.#kept, this.#total - this.#tail.length)
  }

  /** The file with all that was kept: the beginning, and after a word about what is missing, the end. */
  async finish(): Promise<string | null> {
    if (this.#file === null || this.#path === null) return null
    if (this.#total > this.#kept) {
      const missing = this.tailFrom - this.#kept
      const tail = await this.read(this.tailFrom, this.#limits.tail)
      const word = missing === 0 ? "" : `\n[… ${missing} bytes were not kept …]\n`
      await writeAll(this.#file, Buffer.from(word + tail), this.#kept).catch(() => undefined)
    }
    return this.#path
  }

  async remove(): Promise<void> {
    const path = this.#path
    await this.#file?.close().catch(() => undefined)
    this.#file = null
    this.#memory = []
    if (path !== null) await Fs.rm(path, { force: true })
  }

  async #open(): Promise<Fs.FileHandle> {
    await Fs.mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const path = Path.join(this.#folder, `${randomUUID()}${extension}`)
    const file = await Fs.open(path, "wx+", 0o600)
    this.#path = path
    await writeAll(file, Buffer.concat(this.#memory), 0)
    this.#memory = []
    return file
  }

  async #readKept(offset: number, length: number): Promise<Buffer> {
    if (this.#file === null) return Buffer.concat(this.#memory).subarray(offset, offset + length)
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, offset)
    return bytes.subarray(0, bytesRead)
  }
}

/** Removes what a server that was killed has left behind. */
export const removeLeftSpools = async (folder: string): Promise<void> => {
  // No folder: nothing was left.
  const names = await Fs.readdir(folder).catch(() => [])
  const left = names.filter((name) => name.endsWith(extension))
  await Promise.all(left.map((name) => Fs.rm(Path.join(folder, name), { force: true })))
}

const extension = ".out"

const writeAll = async (file: Fs.FileHandle, bytes: Buffer, position: number): Promise<void> => {
  let written = 0
  while (written < bytes.length) {
    const { bytesWritten } = await file.write(bytes, written, bytes.length - written, position + written)
    written += bytesWritten
  }
}

const lastBytes = (before: Buffer, bytes: Buffer, limit: number): Buffer =>
  bytes.length >= limit
    ? Buffer.from(bytes.subarray(bytes.length - limit))
    : Buffer.concat([before.subarray(Math.max(0, before.length + bytes.length - limit)), bytes])

/** The longest piece of at most `length` bytes that does not end within a character. */
const wholeCharacters = (bytes: Buffer, length: number): number => {
  let end = length
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--
  return end
}

/** Reads may begin and end within a character; its pieces are left out. */
const decode = (bytes: Buffer): string => {
  let from = 0
  while (from < bytes.length && from < 3 && ((bytes[from] ?? 0) & 0xc0) === 0x80) from++
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(from), { stream: true })
}
