/**
 * Real pipes for a child's output.
 *
 * Node gives a child socket pairs where a shell would give it pipes, and `> /dev/stderr` fails on a socket. A FIFO whose
 * name is removed as soon as both ends are open is a pipe.
 */
import { execFile } from "node:child_process"
import { randomBytes } from "node:crypto"
import { closeSync, constants, mkdtempSync, openSync, rmSync, unlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"

const batch = 16

export interface Pipe {
  /** Non-blocking. */
  readonly readFd: number
  readonly writeFd: number
}

export class Fifos {
  private folder: string | undefined
  private readonly ready: Array<string> = []
  private filling: Promise<void> | undefined

  /** Two pipes, or undefined where there is no `mkfifo`. */
  async pair(): Promise<readonly [Pipe, Pipe] | undefined> {
    try {
      while (this.ready.length < 2) await this.fill()
      const first = this.open()
      const second = this.open()
      if (this.ready.length < 2) void this.fill().catch(() => undefined)
      return first === undefined || second === undefined ? undefined : [first, second]
    } catch {
      return undefined
    }
  }

  remove(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true })
  }

  private open(): Pipe | undefined {
    const path = this.ready.pop()
    if (path === undefined) return undefined
    // The reading end first: a writer alone would wait for it.
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      return { readFd, writeFd: openSync(path, constants.O_WRONLY) }
    } catch (error) {
      closeSync(readFd)
      throw error
    } finally {
      unlinkSync(path)
    }
  }

  private fill(): Promise<void> {
    this.filling ??= this.make().finally(() => {
      this.filling = undefined
    })
    return this.filling
  }

  private async make(): Promise<void> {
    this.folder ??= mkdtempSync(join(tmpdir(), ".choir-pipes-"))
    const folder = this.folder
    const paths = Array.from({ length: batch }, () => join(folder, randomBytes(9).toString("hex")))
    await promisify(execFile)("mkfifo", ["-m", "600", ...paths])
    this.ready.push(...paths)
  }
}
