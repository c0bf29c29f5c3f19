/** A process of a test: its lines, and its end. */
import { spawn } from "node:child_process"
import * as path from "node:path"
import * as readline from "node:readline"

export const appendProgram = path.join(import.meta.dirname, "append.ts")

export interface Child {
  readonly pid: number
  readonly send: (line: string) => void
  /** The next line that begins so; fails when the process ends before. */
  readonly line: (beginning: string) => Promise<string>
  /** Every line so far. */
  readonly lines: ReadonlyArray<string>
  readonly kill: () => void
  /** When it has ended and every line was read. */
  readonly ended: Promise<void>
}

export const run = (command: string, args: ReadonlyArray<string>, env: Record<string, string> = {}): Child => {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...env } })
  const lines: Array<string> = []
  let errors = ""
  let over: Error | undefined
  let read = 0
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const each of [...waiting]) each()
  }
  const output = readline.createInterface({ input: child.stdout })
  output.on("line", (line) => {
    lines.push(line)
    wake()
  })
  child.stderr.on("data", (chunk) => {
    errors += chunk
  })
  // A killed process no longer listens; the test sees its end.
  child.stdin.on("error", () => undefined)
  const ended = new Promise<void>((resolve) => {
    const end = (why: string) => {
      over = new Error(`${path.basename(command)} ${why}; it said: ${lines.slice(-5).join(" | ")} ${errors}`)
      wake()
      resolve()
    }
    child.once("error", (error) => end(`could not start (${error.message}); the tests need it installed`))
    child.once("close", (code, signal) => end(`ended (${code ?? signal})`))
  })
  return {
    pid: child.pid ?? 0,
    lines,
    ended,
    kill: () => void child.kill("SIGKILL"),
    send: (line) => void child.stdin.write(`${line}\n`),
    line: (beginning) =>
      new Promise((resolve, reject) => {
        const look = () => {
          while (read < lines.length) {
            const line = lines[read++]
            if (line?.startsWith(beginning)) {
              waiting.delete(look)
              return resolve(line)
            }
          }
          if (over === undefined) return
          waiting.delete(look)
          reject(over)
        }
        waiting.add(look)
        look()
      })
  }
}

/** Sends a command and gives the line that answers it. */
export const ask = (child: Child, command: string): Promise<string> => {
  child.send(command)
  return child.line("")
}
