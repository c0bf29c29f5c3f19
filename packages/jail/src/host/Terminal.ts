/**
 * One terminal: a screen that outlives its programs, at most one program, and those who watch.
 *
 *   empty ── open ──▶ running ── program ends ──▶ exited ── open ──▶ running
 *
 * Laws: bytes are counted once, in the order they are shown. The program is paused only when the fastest viewer is
 * behind, or the screen; a slower viewer is sent a fresh screen. No chunk ends within a UTF-8 character.
 */
import { setTimeout as delay } from "node:timers/promises"
import { channelWindow, type FromHost, type Value } from "../messages.ts"
import { HostFailure } from "./failure.ts"
import type { Outbox } from "./Outbox.ts"
import { preferAsVictim } from "./Processes.ts"
import type { Pty, PtyEvents, PtyExit } from "./Pty.ts"
import { membersOfSession, signalQuietly } from "./processTable.ts"
import { type Chunk, Screen } from "./Screen.ts"
import { incompleteTail } from "./utf8.ts"

/** Bytes that the screen may be behind before the program waits, and when it may go on. */
const screenHigh = 512 * 1024
const screenLow = 128 * 1024
/** Bytes kept for a viewer that is behind a faster one. */
const maxHeldBytes = 256 * 1024
/** A viewer that takes nothing for this long no longer holds the program. */
const stalledMs = 10_000
const gatherBytes = 256 * 1024
const floodBytes = 64 * 1024
const floodMs = 3
/** Only a process stuck in the kernel outlives SIGKILL for this long. */
const killWaitMs = 1000
const pollMs = 25

interface Viewer {
  readonly channel: number
  credit: number
  /** Chunks that wait for credit; null when they were too many and a fresh screen is due. */
  held: Array<Chunk> | null
  heldBytes: number
}

export type StartPty = (events: PtyEvents, size: { cols: number; rows: number }) => Pty

export class Terminal {
  readonly id: string
  private readonly outbox: Outbox
  private readonly screen: Screen
  private readonly viewers = new Map<number, Viewer>()
  private readonly gathered = Buffer.allocUnsafe(gatherBytes)
  private gatheredBytes = 0
  private flushing = false
  private lastFlush = 0
  private offset = 0
  private pty: Pty | undefined
  private stopping: Pty | undefined
  private lastPid: number | null = null
  private exit: PtyExit | null = null
  private stalled: NodeJS.Timeout | undefined

  constructor(id: string, cols: number, rows: number, outbox: Outbox) {
    this.id = id
    this.outbox = outbox
    this.screen = new Screen(cols, rows, (data) => {
      this.pty?.write(Buffer.from(data)).catch(() => undefined)
    })
  }

  info(): NonNullable<Value<"pty.info">> {
    return {
      id: this.id,
      pid: this.lastPid,
      cols: this.screen.cols,
      rows: this.screen.rows,
      running: this.pty !== undefined,
      exit: this.exit,
      offset: this.offset,
      cwd: this.screen.cwd,
      title: this.screen.title
    }
  }

  open(start: StartPty): Value<"pty.open"> {
    if (this.pty !== undefined) return { pid: this.pty.pid, created: false }
    const pty = start(
      {
        onData: (data) => this.gather(data),
        onEnd: (exit) => {
          this.flush(true)
          this.pty = undefined
          this.exit = exit
          this.settle()
          for (const viewer of this.viewers.values()) this.tell({ type: "exited", channel: viewer.channel, exit })
          this.tell({ type: "terminal_exited", id: this.id, pid: pty.pid, exit })
        }
      },
      { cols: this.screen.cols, rows: this.screen.rows }
    )
    preferAsVictim(pty.pid)
    this.pty = pty
    this.lastPid = pty.pid
    this.exit = null
    return { pid: pty.pid, created: true }
  }

  /** The screen goes out with the reply; the channel's chunks begin where it ends. */
  attach(channel: number): { info: NonNullable<Value<"pty.info">>; screen: Uint8Array; follow: () => void } {
    this.flush(false)
    const { screen, offset, after } = this.screen.snapshot("whole")
    // It is a viewer from now on, without credit until the screen is on its way: what is shown in between is held.
    const heldBytes = after.reduce((sum, chunk) => sum + chunk.data.length, 0)
    this.viewers.set(channel, { channel, credit: 0, held: [...after], heldBytes })
    return { info: { ...this.info(), offset }, screen, follow: () => this.credit(channel, channelWindow) }
  }

  detach(channel: number): void {
    if (this.viewers.delete(channel)) this.settle()
  }

  credit(channel: number, bytes: number): void {
    const viewer = this.viewers.get(channel)
    if (viewer === undefined) return
    viewer.credit += bytes
    if (viewer.held === null) {
      if (viewer.credit >= channelWindow / 2) this.refresh(viewer)
    } else {
      const held = viewer.held
      viewer.held = []
      viewer.heldBytes = 0
      for (const chunk of held) this.deliver(viewer, chunk)
    }
    this.settle()
  }

  feed(data: Uint8Array): Value<"pty.feed"> {
    this.flush(false)
    this.show(data, true)
    return { offset: this.offset }
  }

  write(data: Uint8Array): Promise<void> {
    if (this.pty === undefined) throw new HostFailure("not_running", `Nothing runs in terminal ${this.id}.`)
    return this.pty.write(data)
  }

  resize(cols: number, rows: number): Value<"pty.resize"> {
    if (cols !== this.screen.cols || rows !== this.screen.rows) {
      this.flush(false)
      this.screen.resize(cols, rows)
      this.pty?.resize(cols, rows)
      for (const viewer of this.viewers.values()) this.tell({ type: "resized", channel: viewer.channel, cols, rows })
    }
    return { cols, rows }
  }

  /** SIGHUP to all that belongs to the terminal's session; SIGKILL to what is left after the grace. */
  async kill(graceMs: number): Promise<PtyExit | null> {
    const pty = this.pty
    if (pty === undefined) return this.exit
    const signalAll = (signal: NodeJS.Signals) => {
      for (const pid of membersOfSession(pty.pid)) signalQuietly(pid, signal)
      signalQuietly(-pty.pid, signal)
    }
    const someoneLives = () => this.pty === pty || membersOfSession(pty.pid).length > 0
    signalAll("SIGHUP")
    signalAll("SIGCONT")
    // Nobody needs the rest by now, and a paused terminal would hide its end.
    this.stopping = pty
    pty.resume()
    // Most end at once: they are not kept waiting for a whole step.
    for (let waited = 0, step = 2; waited < graceMs && someoneLives(); waited += step) {
      step = Math.min(pollMs, step * 2)
      await delay(step)
    }
    for (let waited = 0; waited < killWaitMs && someoneLives(); waited += pollMs) {
      signalAll("SIGKILL")
      await delay(pollMs)
    }
    if (this.pty === pty) throw new HostFailure("timeout", `Terminal ${this.id} doesn't end.`)
    return this.exit
  }

  signal(signal: NodeJS.Signals): void {
    if (this.pty === undefined) return
    for (const pid of membersOfSession(this.pty.pid)) signalQuietly(pid, signal)
    signalQuietly(-this.pty.pid, signal)
  }

  close(): void {
    for (const viewer of this.viewers.values()) this.tell({ type: "closed", channel: viewer.channel })
    this.viewers.clear()
    clearTimeout(this.stalled)
    this.screen.dispose()
  }

  /** Reads come in pieces of at most 4 KiB. In a flood those of a few milliseconds become one chunk; else none waits. */
  private gather(data: Uint8Array): void {
    if (this.gatheredBytes + data.length > gatherBytes) this.flush(false)
    this.gathered.set(data, this.gatheredBytes)
    this.gatheredBytes += data.length
    if (this.gatheredBytes >= floodBytes) this.flush(false)
    if (this.flushing || this.gatheredBytes === 0) return
    this.flushing = true
    const flush = () => {
      this.flushing = false
      this.flush(false)
    }
    if (performance.now() - this.lastFlush > floodMs) setImmediate(flush)
    else setTimeout(flush, floodMs)
  }

  private flush(atEnd: boolean): void {
    if (this.gatheredBytes === 0) return
    const keep = atEnd ? 0 : incompleteTail(this.gathered, this.gatheredBytes)
    const length = this.gatheredBytes - keep
    if (length === 0) return
    // A copy: the buffer is filled again while the chunk is still being read.
    this.lastFlush = performance.now()
    const data = Uint8Array.prototype.slice.call(this.gathered, 0, length)
    this.gathered.copyWithin(0, length, this.gatheredBytes)
    this.gatheredBytes = keep
    this.show(data, false)
  }

  private show(data: Uint8Array, mirrored: boolean): void {
    const chunk: Chunk = { offset: this.offset, data, mirrored }
    this.offset += data.length
    this.screen.feed(chunk, () => this.settle())
    for (const viewer of this.viewers.values()) this.deliver(viewer, chunk)
    this.settle()
  }

  private deliver(viewer: Viewer, chunk: Chunk): void {
    if (viewer.held === null) return
    if (viewer.credit > 0 && viewer.held.length === 0) {
      this.send(viewer, chunk)
      return
    }
    viewer.held.push(chunk)
    viewer.heldBytes += chunk.data.length
    if (viewer.heldBytes <= maxHeldBytes || !this.someoneIsAhead()) return
    viewer.held = null
    viewer.heldBytes = 0
  }

  private send(viewer: Viewer, chunk: Chunk): void {
    viewer.credit -= chunk.data.length
    this.tell({ type: "chunk", channel: viewer.channel, source: "pty", offset: chunk.offset }, chunk.data)
  }

  private refresh(viewer: Viewer): void {
    const { screen, offset, after } = this.screen.snapshot("resync")
    viewer.held = []
    viewer.credit -= screen.length
    const { cols, rows } = this.screen
    this.tell({ type: "screen", channel: viewer.channel, offset, cols, rows }, screen)
    for (const chunk of after) this.deliver(viewer, chunk)
  }

  private someoneIsAhead(): boolean {
    for (const viewer of this.viewers.values()) if (viewer.held !== null && viewer.credit > 0) return true
    return false
  }

  /** Lets the program write, or has it wait. */
  private settle(): void {
    const pty = this.pty
    if (pty === undefined || pty === this.stopping) {
      this.clearStalled()
      return
    }
    const following = [...this.viewers.values()].filter((viewer) => viewer.held !== null)
    const viewersBehind = following.length > 0 && following.every((viewer) => viewer.credit <= 0)
    if (viewersBehind) this.stalled ??= setTimeout(() => this.leaveBehind(), stalledMs)
    else this.clearStalled()

    if (viewersBehind || this.screen.pending > screenHigh) pty.pause()
    else if (this.screen.pending < screenLow) pty.resume()
  }

  private leaveBehind(): void {
    this.stalled = undefined
    for (const viewer of this.viewers.values()) {
      if (viewer.credit > 0) continue
      viewer.held = null
      viewer.heldBytes = 0
    }
    this.settle()
  }

  private clearStalled(): void {
    clearTimeout(this.stalled)
    this.stalled = undefined
  }

  private tell(message: FromHost, payload?: Uint8Array): void {
    this.outbox.send(message, payload)
  }
}
