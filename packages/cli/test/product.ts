/** The product as a user has it: the built server and the built command, each a process of its own, in folders that go away. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const require = createRequire(import.meta.url)
const root = resolve(import.meta.dirname, "../../..")

/** The pinned Node, not the one that runs the tests. */
export const node = require.resolve(`node-${process.platform}-${process.arch}/bin/node`)
export const choirBundle = join(root, "dist/choir.mjs")

let isReady = false

/** Builds unless the build that is there is one of these sources. */
const build = (): void => {
  if (isReady) return
  const script = (name: string) => JSON.stringify(pathToFileURL(join(root, "scripts", name)).href)
  const code = `
    const { isBuilt } = await import(${script("freshness.mjs")})
    const { build } = await import(${script("build.mjs")})
    if (!isBuilt(${JSON.stringify(root)})) await build(${JSON.stringify(root)})`
  execFileSync(node, ["--input-type=module", "-e", code], { stdio: ["ignore", "ignore", "inherit"] })
  isReady = true
}

export const temporaryFolder: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "choir-cli-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
)

/** A port at which nobody listens. */
export const freePort: Effect.Effect<number> = Effect.callback<number>((resume) => {
  const server = createServer()
  server.listen(0, "127.0.0.1", () => {
    const address = server.address()
    server.close(() => resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0)))
  })
})

/** What a process of the product gets of our environment: no setting and no key of whoever runs the tests. */
export const cleanEnv = (more: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env.PATH ?? "",
  HOME: process.env.HOME ?? "/",
  TZ: "UTC",
  LANG: "C.UTF-8",
  ...more
})

const exited = (child: ChildProcess): Promise<number | null> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve(child.exitCode)
    : new Promise((done) => child.once("exit", (code) => done(code)))

/** Starts a program, and waits for a line of it that fits. */
const startUntil = (
  args: ReadonlyArray<string>,
  env: Record<string, string>,
  cwd: string,
  pattern: RegExp
): Promise<{ readonly child: ChildProcess; readonly match: RegExpExecArray }> =>
  new Promise((done, fail) => {
    const child = spawn(node, [...args], { env, cwd, stdio: ["ignore", "pipe", "pipe"] })
    let said = ""
    const onData = (data: Buffer) => {
      said += data.toString("utf8")
      const match = pattern.exec(said)
      if (match !== null) done({ child, match })
    }
    child.stdout.on("data", onData)
    child.stderr.on("data", onData)
    child.once("exit", (code) => fail(new Error(`It ended with ${code} before it was ready:\n${said}`)))
  })

export interface TestServer {
  readonly url: string
  readonly home: string
  /** SIGKILL, as when the power goes. */
  readonly kill: Effect.Effect<void>
  /** As an operator stops it. */
  readonly stop: Effect.Effect<void>
  /** Again at the same address, on the same data. */
  readonly restart: Effect.Effect<void>
  readonly json: (path: string) => Effect.Effect<unknown>
}

export interface ServerOptions {
  /** What the scripted model says; without it the demo model answers. */
  readonly script?: object
  readonly env?: Readonly<Record<string, string>>
}

/** A server of the product, gone with the scope. */
export const startServer = (options: ServerOptions = {}): Effect.Effect<TestServer, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.sync(build)
    const folder = yield* temporaryFolder
    const home = join(folder, "home")
    const model = options.script === undefined ? {} : yield* scriptedModel(folder, options.script)
    // Nothing here needs confinement, and not every machine that tests has it.
    const env = (port: string) =>
      cleanEnv({ CHOIR_HOME: home, PORT: port, CHOIR_JAIL: "none", ...model, ...options.env })
    const bundle = join(root, "dist/sandbox.mjs")
    const start = (port: string) =>
      Effect.promise(() => startUntil([bundle], env(port), folder, / is at http:\/\/[^:]+:(\d+)\//))

    let current = yield* start("0")
    const port = current.match[1] ?? ""
    const end = (signal: "SIGKILL" | "SIGTERM") =>
      Effect.promise(async () => {
        current.child.kill(signal)
        await exited(current.child)
      })
    const kill = end("SIGKILL")
    yield* Effect.addFinalizer(() => kill)
    const url = `http://127.0.0.1:${port}`
    return {
      url,
      home,
      kill,
      stop: end("SIGTERM"),
      restart: Effect.map(start(port), (next) => {
        current = next
      }),
      json: (path) => Effect.promise(async (): Promise<unknown> => (await fetch(`${url}${path}`)).json())
    }
  })

const scriptedModel = (folder: string, script: object) =>
  Effect.gen(function* () {
    const file = join(folder, "script.json")
    writeFileSync(file, JSON.stringify(script))
    const program = join(root, "packages/sandbox/test/scripted-model/main.ts")
    const { match } = yield* Effect.acquireRelease(
      Effect.promise(() => startUntil([program, file], cleanEnv(), folder, /http:\/\/\S+/)),
      ({ child }) =>
        Effect.promise(async () => {
          child.kill("SIGKILL")
          await exited(child)
        })
    )
    return {
      CHOIR_MODEL: "openai-compatible/scripted",
      CHOIR_MODEL_BASE_URL: match[0],
      CHOIR_MODEL_API_KEY: "sk-scripted-0123456789"
    }
  })

export interface Output {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface Running {
  readonly child: ChildProcess
  readonly stdout: () => string
  readonly stderr: () => string
  /** Waits until what was said fits. */
  readonly until: (fits: (running: Running) => boolean) => Effect.Effect<void>
  readonly end: Effect.Effect<Output>
}

/** Starts `choir` without a terminal; killed with the scope. */
export const startChoir = (
  args: ReadonlyArray<string>,
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {}
): Effect.Effect<Running, never, Scope.Scope> =>
  Effect.gen(function* () {
    yield* Effect.sync(build)
    const cwd = options.cwd ?? (yield* temporaryFolder)
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(node, [choirBundle, ...args], { env: cleanEnv(options.env), cwd, stdio: "pipe" })),
      (started) =>
        Effect.promise(async () => {
          started.kill("SIGKILL")
          await exited(started)
        })
    )
    let stdout = ""
    let stderr = ""
    const watchers = new Set<() => void>()
    const heard = () => {
      for (const watcher of watchers) watcher()
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      heard()
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
      heard()
    })
    child.stdin.end(options.input ?? "")
    const closed = new Promise<number | null>((done) => child.once("close", (code) => done(code)))
    const running: Running = {
      child,
      stdout: () => stdout,
      stderr: () => stderr,
      until: (fits) =>
        Effect.callback<void>((resume) => {
          const look = () => {
            if (!fits(running)) return
            watchers.delete(look)
            resume(Effect.void)
          }
          watchers.add(look)
          look()
        }),
      end: Effect.map(
        Effect.promise(() => closed),
        (code) => ({ code, stdout, stderr })
      )
    }
    return running
  })

/** Runs `choir` to its end. */
export const choir = (...parameters: Parameters<typeof startChoir>): Effect.Effect<Output> =>
  Effect.scoped(Effect.flatMap(startChoir(...parameters), ({ end }) => end))
