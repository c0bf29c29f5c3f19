/**
 * A pseudo-terminal with a program on it: node-pty's native part, read and written by ourselves.
 *
 * Its JavaScript part gives up on output that is not read within 200 ms of the program's end, and writes with a blocking
 * call; a paused terminal would lose bytes and a full one would stop the host.
 *
 * Law: every byte that the program wrote is given to `onData` before `onEnd` is called.
 */
import { writeSync } from "node:fs"
import { createRequire } from "node:module"
import { constants } from "node:os"
import * as path from "node:path"
import { ReadStream } from "node:tty"
import * as Predicate from "effect/Predicate"
import { errnoOf, HostFailure } from "./failure.ts"

export interface PtyExit {
  readonly code: number | null
  readonly signal: string | null
}

export interface PtyEvents {
  /** `data` is valid during the call alone. */
  readonly onData: (data: Uint8Array) => void
  /** The program has ended and all of its output was given. */
  readonly onEnd: (exit: PtyExit) => void
}

interface Native {
  readonly fork: (
    file: string,
    args: ReadonlyArray<string>,
    env: ReadonlyArray<string>,
    cwd: string,
    cols: number,
    rows: number,
    uid: number,
    gid: number,
    utf8: boolean,
    helperPath: string,
    onExit: (code: number, signal: number) => void
  ) => { readonly fd: number; readonly pid: number }
  readonly resize: (fd: number, cols: number, rows: number) => void
}

const isNative = (loaded: unknown): loaded is Native =>
  Predicate.isObject(loaded) &&
  "fork" in loaded &&
  typeof loaded.fork === "function" &&
  "resize" in loaded &&
  typeof loaded.resize === "function"

export const loadNative = (file: string): Native => {
  const loaded: unknown = createRequire(file)(file)
  if (!isNative(loaded)) throw new HostFailure("io", `It is no node-pty: ${file}`)
  return loaded
}

const readBytes = 64 * 1024
const maxQueuedBytes = 1024 * 1024
const retryMs = 5

export class Pty {
  readonly pid: number
  private readonly native: Native
  private readonly fd: number
  private readonly stream: ReadStream
  private readonly events: PtyEvents
  private readonly queue: Array<{ data: Uint8Array; taken: () => void }> = []
  private queuedBytes = 0
  private retry: NodeJS.Timeout | undefined
  private exit: PtyExit | undefined
  private streamEnded = false
  private paused = false

  constructor(
    native: Native,
    nativePath: string,
    options: { argv: ReadonlyArray<string>; cwd: string; env: Record<string, string>; cols: number; rows: number },
    events: PtyEvents
  ) {
    this.native = native
    this.events = events
    const [file, ...args] = options.argv
    if (file === undefined) throw new HostFailure("invalid", "There is no command to start.")
    const env = Object.entries(options.env).map(([name, value]) => `${name}=${value}`)
    // Only macOS starts programs through a helper.
    const helper = path.join(path.dirname(nativePath), "spawn-helper")
    const forked = native.fork(
      file,
      args,
      env,
      options.cwd,
      options.cols,
      options.rows,
      -1,
      -1,
      true,
      helper,
      (code, signal) => {
        this.exit = signal > 0 ? { code: null, signal: signalName(signal) } : { code, signal: null }
        this.endIfDone()
      }
    )
    this.pid = forked.pid
    this.fd = forked.fd
    this.stream = this.reader()
  }

  pause(): void {
    if (this.paused) return
    this.paused = true
    this.stream.pause()
  }

  resume(): void {
    if (!this.paused) return
    this.paused = false
    this.stream.resume()
  }

  resize(cols: number, rows: number): void {
    if (this.streamEnded) return
    this.native.resize(this.fd, cols, rows)
  }

  /** Resolves when the terminal has taken the bytes, or is gone. */
  write(data: Uint8Array): Promise<void> {
    if (this.streamEnded || data.length === 0) return Promise.resolve()
    if (this.queuedBytes + data.length > maxQueuedBytes) {
      return Promise.reject(new HostFailure("too_large", "The program in this terminal doesn't read its input."))
    }
    return new Promise((resolve) => {
      this.queue.push({ data, taken: resolve })
      this.queuedBytes += data.length
      if (this.queue.length === 1) this.flush()
    })
  }

  private flush(): void {
    this.retry = undefined
    for (;;) {
      const first = this.queue[0]
      if (first === undefined) return
      try {
        const written = writeSync(this.fd, first.data)
        this.queuedBytes -= written
        if (written < first.data.length) first.data = first.data.subarray(written)
        else {
          this.queue.shift()
          first.taken()
        }
      } catch (error) {
        if (errnoOf(error) === "EAGAIN") {
          this.retry = setTimeout(() => this.flush(), retryMs)
          return
        }
        this.dropQueue()
        return
      }
    }
  }

  private dropQueue(): void {
    clearTimeout(this.retry)
    for (const { taken } of this.queue.splice(0)) taken()
    this.queuedBytes = 0
  }

  private reader(): ReadStream {
    const options = {
      onread: {
        buffer: Buffer.allocUnsafe(readBytes),
        callback: (length: number, buffer: Uint8Array) => {
          this.events.onData(buffer.subarray(0, length))
          return !this.paused
        }
      }
    }
    const stream = new ReadStream(this.fd, options)
    stream.once("close", () => {
      this.streamEnded = true
      this.dropQueue()
      this.endIfDone()
    })
    // EIO says that no program holds the terminal any more: it is its end of file.
    stream.on("error", () => stream.destroy())
    stream.on("end", () => stream.destroy())
    stream.resume()
    return stream
  }

  private endIfDone(): void {
    if (this.exit !== undefined && this.streamEnded) this.events.onEnd(this.exit)
  }
}

const signalName = (number: number): string =>
  Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `SIG${number}`
