/**
 * Commands on pipes, each a process group of its own.
 *
 *   spawn ──▶ running ── leader exits ──▶ exited ── last holder of a pipe ends ──▶ closed
 *
 * Law: what the leader wrote before it ended is sent before `exited` is said, as far as the reader takes it.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, writeFileSync } from "node:fs"
import { Socket } from "node:net"
import type { Readable } from "node:stream"
import { setTimeout as delay } from "node:timers/promises"
import { type Args, channelWindow, type FromHost, type Value } from "../messages.ts"
import type { Fifos, Pipe } from "./Fifos.ts"
import { asFailure, HostFailure, requireFolder } from "./failure.ts"
import type { Outbox } from "./Outbox.ts"
import { groupIsAlive, signalQuietly } from "./processTable.ts"

/** Above this the kernel takes a child before it takes the host. */
const childOomScore = "500"
const pollMs = 25

interface Output {
  readonly source: "stdout" | "stderr"
  readonly stream: Readable
  offset: number
  ended: boolean
}

interface Running {
  readonly channel: number
  readonly child: ChildProcess
  readonly pid: number
  outputs: ReadonlyArray<Output>
  credit: number
  exited: boolean
}

export class Processes {
  private readonly outbox: Outbox
  private readonly fifos: Fifos
  private readonly running = new Map<number, Running>()

  constructor(outbox: Outbox, fifos: Fifos) {
    this.outbox = outbox
    this.fifos = fifos
  }

  async spawn({ channel, argv, cwd, env }: Args<"process.spawn">): Promise<Value<"process.spawn">> {
    const [command, ...args] = argv
    if (command === undefined) throw new HostFailure("invalid", "There is no command to start.")
    requireFolder(cwd)
    const pipes = await this.fifos.pair()
    const child = await started(command, args, cwd, env, pipes)
    const pid = child.pid
    if (pid === undefined) throw new HostFailure("spawn", `It did not start: ${command}`)
    preferAsVictim(pid)

    const process: Running = { channel, child, pid, outputs: [], credit: channelWindow, exited: false }
    this.running.set(channel, process)
    process.outputs = outputsOf(child, pipes)
    for (const output of process.outputs) this.read(process, output)
    child.once("exit", (code, signal) => this.leaderExited(process, { code, signal }))
    return { pid }
  }

  async kill({ channel, signal, grace_ms }: Args<"process.kill">): Promise<Value<"process.kill">> {
    const process = this.running.get(channel)
    if (process === undefined) return {}
    if (signal !== null) {
      if (!isSignal(signal)) throw new HostFailure("invalid", `There is no signal ${signal}.`)
      signalQuietly(-process.pid, signal)
      return {}
    }
    await endGroup(process.pid, grace_ms)
    return {}
  }

  alive({ channel }: Args<"process.alive">): Value<"process.alive"> {
    const process = this.running.get(channel)
    return { alive: process !== undefined && groupIsAlive(process.pid) }
  }

  credit(channel: number, bytes: number): void {
    const process = this.running.get(channel)
    if (process === undefined) return
    process.credit += bytes
    if (process.credit > 0) for (const output of process.outputs) output.stream.resume()
  }

  /** Nobody reads any more: output is dropped from here on, and the program goes on. */
  release(channel: number): void {
    const process = this.running.get(channel)
    if (process === undefined) return
    process.credit = Number.POSITIVE_INFINITY
    for (const output of process.outputs) output.stream.resume()
  }

  killAll(signal: NodeJS.Signals): void {
    for (const process of this.running.values()) signalQuietly(-process.pid, signal)
  }

  private read(process: Running, output: Output): void {
    output.stream.on("data", (data: Buffer) => {
      if (process.credit !== Number.POSITIVE_INFINITY) {
        this.send({ type: "chunk", channel: process.channel, source: output.source, offset: output.offset }, data)
      }
      output.offset += data.length
      process.credit -= data.length
      if (process.credit <= 0) for (const each of process.outputs) each.stream.pause()
    })
    output.stream.on("error", () => output.stream.destroy())
    output.stream.once("close", () => {
      output.ended = true
      this.closeIfDone(process)
    })
  }

  private leaderExited(process: Running, exit: { code: number | null; signal: string | null }): void {
    const told = () => {
      process.exited = true
      this.send({ type: "exited", channel: process.channel, exit })
      this.closeIfDone(process)
    }
    let before = -1
    // The pipes may still hold what was written before the end: read until a turn of the loop brings nothing.
    const drain = () => {
      const total = process.outputs.reduce((sum, output) => sum + output.offset, 0)
      const done = process.credit <= 0 || total === before || process.outputs.every((output) => output.ended)
      before = total
      if (done) told()
      else setTimeout(drain, 1)
    }
    setImmediate(drain)
  }

  private closeIfDone(process: Running): void {
    if (!process.exited || !process.outputs.every((output) => output.ended)) return
    if (this.running.get(process.channel) !== process) return
    this.running.delete(process.channel)
    this.send({ type: "closed", channel: process.channel })
  }

  private send(message: FromHost, payload?: Uint8Array): void {
    this.outbox.send(message, payload)
  }
}

/** SIGTERM to the group, SIGKILL to what is left of it after the grace. */
const endGroup = async (group: number, graceMs: number): Promise<void> => {
  signalQuietly(-group, "SIGTERM")
  signalQuietly(-group, "SIGCONT")
  for (let waited = 0; waited < graceMs; waited += pollMs) {
    if (!groupIsAlive(group)) return
    await delay(pollMs)
  }
  signalQuietly(-group, "SIGKILL")
}

const started = (
  command: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: Record<string, string>,
  pipes: readonly [Pipe, Pipe] | undefined
): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const closeWriters = () => {
      for (const pipe of pipes ?? []) closeSync(pipe.writeFd)
    }
    const refuse = (error: unknown) => {
      for (const pipe of pipes ?? []) closeSync(pipe.readFd)
      const failure = asFailure(error, command)
      reject(new HostFailure("spawn", failure.message))
    }
    const [stdout, stderr] = pipes?.map((pipe) => pipe.writeFd) ?? ["pipe" as const, "pipe" as const]
    try {
      const child = spawn(command, args, { cwd, env, detached: true, stdio: ["ignore", stdout, stderr] })
      child.once("error", refuse)
      child.once("spawn", () => resolve(child))
    } catch (error) {
      refuse(error)
    } finally {
      closeWriters()
    }
  })

const outputsOf = (child: ChildProcess, pipes: readonly [Pipe, Pipe] | undefined): ReadonlyArray<Output> => {
  const reader = (pipe: Pipe | undefined, own: Readable | null): Readable | null =>
    pipe === undefined ? own : new Socket({ fd: pipe.readFd, readable: true, writable: false })
  const found: Array<Output> = []
  const stdout = reader(pipes?.[0], child.stdout)
  const stderr = reader(pipes?.[1], child.stderr)
  if (stdout !== null) found.push({ source: "stdout", stream: stdout, offset: 0, ended: false })
  if (stderr !== null) found.push({ source: "stderr", stream: stderr, offset: 0, ended: false })
  return found
}

export const preferAsVictim = (pid: number): void => {
  if (process.platform !== "linux") return
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, childOomScore)
  } catch {
    // It has ended already, or /proc is read-only: the hint is then not needed or not possible.
  }
}

const signals: ReadonlySet<string> = new Set([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGKILL",
  "SIGSTOP",
  "SIGCONT",
  "SIGUSR1",
  "SIGUSR2"
])
const isSignal = (name: string): name is NodeJS.Signals => signals.has(name)
