/**
 * The processes that are measured: each starts apart from the caller's settings, says when it is ready, and is ended.
 *
 * Law: whatever happens to the benchmark, nothing that it started and no folder that it made stays behind.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"

export const root = resolve(import.meta.dirname, "../..")

const children = new Set<ChildProcess>()
const folders = new Set<string>()
process.on("exit", () => {
  for (const { pid } of children) if (pid !== undefined) killGroup(pid)
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
})
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130))

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "choir-bench-"))
  folders.add(folder)
  return folder
}

export interface Started {
  readonly pid: number
  /** What the pattern caught in its output: an address. */
  readonly said: string
  readonly stop: () => Promise<void>
}

export interface Command {
  readonly file: string
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** What it prints when it is ready; the first group is kept. */
  readonly ready: RegExp
}

/** Starts a command in a process group of its own, and waits until it says that it is ready. */
export const startProcess = async ({ args, cwd, env, file, ready }: Command): Promise<Started> => {
  const child = spawn(file, [...args], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`${file} can't be started`)
  children.add(child)
  const ended = once(child, "exit")
  void ended.then(() => children.delete(child))
  let output = ""
  const said = await new Promise<string>((found, fail) => {
    const take = (data: Buffer) => {
      // What it says later is let go by.
      if (output.length > 1_000_000) return
      output += data.toString()
      const match = ready.exec(output)
      if (match !== null) found(match[1] ?? "")
    }
    child.stdout.on("data", take)
    child.stderr.on("data", take)
    void ended.then(() => fail(new Error(`${file} ended before it was ready:\n${output}`)))
  })
  return {
    pid,
    said,
    stop: async () => {
      child.kill("SIGTERM")
      const timer = setTimeout(() => killGroup(pid), 6_000)
      await ended
      clearTimeout(timer)
      killGroup(pid)
    }
  }
}

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, "SIGKILL")
  } catch {
    // None of the group is left.
  }
}

/** Bytes of memory that a process has in RAM. */
export const residentMemory = (pid: number): number => statusOf(pid, "VmRSS") * 1024

/** All processes below one. */
export const descendantsOf = (pid: number): ReadonlyArray<number> => {
  const parents = readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      return [{ pid: Number(name), parent: statusOf(Number(name), "PPid") }]
    } catch {
      // It has ended meanwhile.
      return []
    }
  })
  const below = (of: number): ReadonlyArray<number> =>
    parents.filter(({ parent }) => parent === of).flatMap(({ pid }) => [pid, ...below(pid)])
  return below(pid)
}

const statusOf = (pid: number, field: string): number => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8")
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? Number.NaN)
}
