/** The built product as its users have it: a process of its own, reached over HTTP and sockets. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { beforeAll, onTestFinished } from "vitest"
import { WebSocket } from "ws"

const root = Path.resolve(import.meta.dirname, "../..")
const node = createRequire(import.meta.url).resolve(`node-${process.platform}-${process.arch}/bin/node`)

export interface Product {
  readonly url: string
  readonly home: string
  readonly process: ChildProcess
  /** All that it printed so far. */
  readonly output: () => string
  /** Sends a signal and waits for the end; gives the exit code, or the signal's name. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | string>
}

export interface ProductOptions {
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  readonly args?: ReadonlyArray<string>
}

/** Ends of what several tests share; null: a test's own. */
let shared: Array<() => unknown> | null = null

/** When the test is over, or, for what is shared, the last of its tests. */
export const whenOver = (end: () => unknown): void => {
  if (shared === null) onTestFinished(async () => void (await end()))
  else shared.push(end)
}

/** Starts something once for all tests of a `describe`. */
export const sharedBy = <A>(start: () => Promise<A>): (() => A) => {
  let started: { readonly value: A } | null = null
  beforeAll(async () => {
    const ends: Array<() => unknown> = []
    shared = ends
    try {
      started = { value: await start() }
    } finally {
      shared = null
    }
    return async () => {
      for (const end of ends.toReversed()) await end()
    }
  })
  return () => {
    if (started === null) throw new Error("It did not start")
    return started.value
  }
}

/** A folder that is removed when the test is over. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(Path.join(tmpdir(), "choir-e2e-"))
  whenOver(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The command as a test may run it, without the caller's own settings. */
export const spawnProduct = ({ args = [], env = {}, home = Path.join(temporaryFolder(), "home") }: ProductOptions) => {
  const child = spawn(node, [Path.join(root, "dist/sandbox.mjs"), ...args], {
    cwd: Path.dirname(home),
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      OLLAMA_HOST: "http://127.0.0.1:1",
      CHOIR_HOME: home,
      PORT: "0",
      ...env
    }
  })
  let output = ""
  child.stdout.on("data", (data: Buffer) => {
    output += data.toString()
  })
  child.stderr.on("data", (data: Buffer) => {
    output += data.toString()
  })
  const ended = once(child, "exit").then(([code, signal]: Array<unknown>): number | string =>
    typeof code === "number" ? code : String(signal)
  )
  whenOver(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL")
    await ended
  })
  return { child, ended, home, output: () => output }
}

export const startProduct = async (options: ProductOptions = {}): Promise<Product> => {
  const { child, ended, home, output } = spawnProduct(options)
  const url = await new Promise<string>((resolve, reject) => {
    const look = () => {
      const match = /is at (http:\/\/\S+)/.exec(output())
      if (match?.[1] !== undefined) resolve(match[1].replace(/\/$/, ""))
    }
    child.stdout.on("data", look)
    void ended.then((code) => reject(new Error(`It ended with ${code}: ${output()}`)))
  })
  return {
    url,
    home,
    process: child,
    output,
    stop: (signal = "SIGTERM") => {
      child.kill(signal)
      return ended
    }
  }
}

export interface Reply {
  readonly status: number
  readonly body: unknown
}

export const ask = async (url: string, method = "GET", body?: unknown): Promise<Reply> => {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } })
  })
  const text = await response.text()
  return { status: response.status, body: text === "" ? null : JSON.parse(text) }
}

export type Frame = Readonly<Record<string, unknown>> & { readonly type: string }

export interface Line {
  readonly frames: ReadonlyArray<Frame>
  readonly send: (frame: unknown) => void
  /** Waits for the first frame that fits, from `from` on (0), and gives its place. */
  readonly until: (fits: (frame: Frame) => boolean, from?: number) => Promise<number>
  /** The code that it was closed with. */
  readonly closed: Promise<number>
  readonly close: () => void
}

/** Opens a socket; fails when the upgrade is refused, with the status in the message. */
export const openLine = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Line> => {
  const socket = new WebSocket(url.replace(/^http/, "ws"), { headers })
  const frames: Array<Frame> = []
  const watchers = new Set<() => void>()
  socket.on("message", (data) => {
    frames.push(JSON.parse(String(data)))
    for (const watch of [...watchers]) watch()
  })
  const closed = new Promise<number>((resolve) => socket.on("close", (code) => resolve(code)))
  whenOver(() => socket.terminate())
  await once(socket, "open")
  return {
    frames,
    closed,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    until: (fits, from = 0) =>
      new Promise((resolve, reject) => {
        const watch = () => {
          const index = frames.findIndex((frame, place) => place >= from && fits(frame))
          if (index < 0) return
          watchers.delete(watch)
          resolve(index)
        }
        watchers.add(watch)
        void closed.then((code) => reject(new Error(`Closed with ${code} after ${JSON.stringify(frames.slice(-5))}`)))
        watch()
      }),
    close: () => socket.close()
  }
}

export const isType =
  (...types: ReadonlyArray<string>) =>
  (frame: Frame): boolean =>
    types.includes(frame.type)
