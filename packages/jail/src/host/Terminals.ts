/** The terminals by id; opening one that runs gives that one. */
import type { Args, Value } from "../messages.ts"
import { asFailure, HostFailure, requireFolder } from "./failure.ts"
import type { Outbox } from "./Outbox.ts"
import { loadNative, Pty } from "./Pty.ts"
import { Terminal } from "./Terminal.ts"

const maxTerminals = 256
const defaultSize = { cols: 80, rows: 24 }

export class Terminals {
  private readonly outbox: Outbox
  private readonly nativePath: string
  private readonly byId = new Map<string, Terminal>()
  private readonly byChannel = new Map<number, Terminal>()

  constructor(outbox: Outbox, nativePath: string) {
    this.outbox = outbox
    this.nativePath = nativePath
  }

  open({ id, argv, cwd, env, cols, rows }: Args<"pty.open">): Value<"pty.open"> {
    const native = loadNative(this.nativePath)
    requireFolder(cwd)
    const size = sizeOf(cols, rows)
    const terminal = this.obtain(id, size ?? defaultSize)
    try {
      return terminal.open(
        (events, current) => new Pty(native, this.nativePath, { argv, cwd, env, ...current }, events)
      )
    } catch (error) {
      throw new HostFailure("spawn", asFailure(error, argv[0] ?? "").message)
    }
  }

  attach({ id, channel }: Args<"pty.attach">): ReturnType<Terminal["attach"]> {
    const terminal = this.find(id)
    this.byChannel.set(channel, terminal)
    return terminal.attach(channel)
  }

  release(channel: number): void {
    this.byChannel.get(channel)?.detach(channel)
    this.byChannel.delete(channel)
  }

  credit(channel: number, bytes: number): void {
    this.byChannel.get(channel)?.credit(channel, bytes)
  }

  feed({ id }: Args<"pty.feed">, data: Uint8Array): Value<"pty.feed"> {
    return this.obtain(id, defaultSize).feed(data)
  }

  async write({ id }: Args<"pty.write">, data: Uint8Array): Promise<Value<"pty.write">> {
    await this.find(id).write(data)
    return {}
  }

  resize({ id, cols, rows }: Args<"pty.resize">): Value<"pty.resize"> {
    const terminal = this.find(id)
    const size = sizeOf(cols, rows)
    if (size === undefined) return { cols: terminal.info().cols, rows: terminal.info().rows }
    return terminal.resize(size.cols, size.rows)
  }

  kill({ id, grace_ms }: Args<"pty.kill">): Promise<Value<"pty.kill">> {
    return this.find(id).kill(grace_ms)
  }

  async close({ id, grace_ms }: Args<"pty.close">): Promise<Value<"pty.close">> {
    const terminal = this.byId.get(id)
    if (terminal === undefined) return {}
    await terminal.kill(grace_ms)
    terminal.close()
    if (this.byId.get(id) === terminal) this.byId.delete(id)
    for (const [channel, owner] of this.byChannel) if (owner === terminal) this.byChannel.delete(channel)
    return {}
  }

  info({ id }: Args<"pty.info">): Value<"pty.info"> {
    return this.byId.get(id)?.info() ?? null
  }

  list(): Value<"pty.list"> {
    return { terminals: [...this.byId.values()].map((terminal) => terminal.info()) }
  }

  signalAll(signal: NodeJS.Signals): void {
    for (const terminal of this.byId.values()) terminal.signal(signal)
  }

  private find(id: string): Terminal {
    const terminal = this.byId.get(id)
    if (terminal === undefined) throw new HostFailure("no_terminal", `There is no terminal ${id}.`)
    return terminal
  }

  private obtain(id: string, size: { cols: number; rows: number }): Terminal {
    const existing = this.byId.get(id)
    if (existing !== undefined) return existing
    if (this.byId.size >= maxTerminals) {
      throw new HostFailure("too_large", `There are ${maxTerminals} terminals already: close one first.`)
    }
    const terminal = new Terminal(id, size.cols, size.rows, this.outbox)
    this.byId.set(id, terminal)
    return terminal
  }
}

/** A size of nothing is a hidden window and means no change; else at least 2, at most what a screen may have. */
const sizeOf = (cols: number, rows: number): { cols: number; rows: number } | undefined =>
  cols === 0 || rows === 0 ? undefined : { cols: clamp(cols, 1000), rows: clamp(rows, 500) }

const clamp = (value: number, most: number): number => Math.min(most, Math.max(2, value))
