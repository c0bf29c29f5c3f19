/**
 * Where code that we did not write runs, and through which files are touched.
 *
 * Law: nothing inside outlives the server, and what the inside says is untrusted. The jail starts at its first use, and at
 * the first use after it was lost.
 */
import { realpathSync } from "node:fs"
import { createRequire } from "node:module"
import * as path from "node:path"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import { makeConnection } from "./Connection.ts"
import { type BubblewrapOptions, bubblewrapDriver, probe } from "./drivers/bubblewrap.ts"
import type { Driver } from "./drivers/Driver.ts"
import { noneDriver } from "./drivers/none.ts"
import { findToolchain } from "./drivers/toolchain.ts"
import { startEgress } from "./egress/Egress.ts"
import { type EgressPolicy, openPolicy } from "./egress/policy.ts"
import type { EgressDecision } from "./egress/proxy.ts"
import { type JailLost, JailUnavailable } from "./errors.ts"
import { type Identity, isReachable, settleIdentity } from "./identity.ts"
import { type JailFiles, makeFiles } from "./JailFiles.ts"
import { makeSpawn, type Spawn } from "./JailProcesses.ts"
import { type JailTerminals, makeTerminals } from "./JailTerminals.ts"
import { endPredecessor } from "./predecessor.ts"

export interface JailStatus {
  readonly driver: "bubblewrap" | "none"
  /** Whether what runs inside is confined. */
  readonly active: boolean
  /** Why it isn't, for a person. */
  readonly reason: string | null
  /** Inside the jail. */
  readonly workspace: string
  readonly home: string
  /** Whom it runs as, when that is not whom the server runs as. */
  readonly uid: number | null
}

export interface JailOptions {
  /** `auto`: bubblewrap where it works, else none. */
  readonly driver: "auto" | "bubblewrap" | "none"
  /** On the host; made when missing. */
  readonly workspace: string
  readonly home: string
  /** Ours alone, one server's at a time. */
  readonly runtimeDir: string
  /** The pinned Node. */
  readonly node: string
  /** The bundle of `host/main.ts`. */
  readonly hostBundle: string
  readonly policy?: EgressPolicy
  readonly onEgress?: (decision: EgressDecision) => void
  /** Added to the environment inside. Never a secret. */
  readonly env?: Readonly<Record<string, string>>
}

export class Jail extends Context.Service<
  Jail,
  {
    readonly status: JailStatus
    readonly files: JailFiles
    readonly spawn: Spawn
    readonly ptys: JailTerminals
    /** The name that a path of this machine has inside, if it has one. */
    readonly toJailPath: (hostPath: string) => Option.Option<string>
    /** The other way, for a path in the workspace. */
    readonly toHostPath: (jailPath: string) => Option.Option<string>
    /** Starts the jail now, when it doesn't run yet. */
    readonly start: Effect.Effect<void, JailUnavailable | JailLost>
    /** Completes when the jail that runs (or the next one) is lost, with the reason. */
    readonly lost: Effect.Effect<JailLost>
    /** On the host; null while none runs. */
    readonly pid: Effect.Effect<number | null>
  }
>()("choiros/Jail") {
  static readonly layer = (options: JailOptions): Layer.Layer<Jail, JailUnavailable> =>
    Layer.effect(Jail, make(options))
}

const make = Effect.fnUntraced(function* (options: JailOptions) {
  // Before any folder is made ready: who is still inside could turn it into a link under our hands.
  yield* endPredecessor(options.driver === "none" ? "none" : "bubblewrap", options.runtimeDir)
  const { driver, reason, identity, workspace } = yield* chooseDriver(options)
  const connection = yield* makeConnection(driver, options.runtimeDir)
  const exits = Stream.fromPubSub(connection.terminalExits)

  const translate = (from: string, to: string) => (given: string) => {
    const relative = path.relative(from, path.resolve(from, given))
    return relative === ".." || relative.startsWith("../") ? Option.none() : Option.some(path.join(to, relative))
  }
  return Jail.of({
    status: {
      driver: driver.name,
      active: driver.name !== "none",
      reason,
      workspace: driver.inside.workspace,
      home: driver.inside.home,
      uid: identity?.uid ?? null
    },
    files: makeFiles(connection.use),
    spawn: makeSpawn(connection.use, driver.inside.workspace),
    ptys: makeTerminals(connection.use, driver.inside.workspace, exits),
    toJailPath: translate(workspace, driver.inside.workspace),
    toHostPath: translate(driver.inside.workspace, workspace),
    start: Effect.asVoid(connection.use),
    lost: connection.lost,
    pid: connection.pid
  })
})

interface Chosen {
  readonly driver: Driver
  readonly reason: string | null
  readonly identity: Identity | null
  readonly workspace: string
}

const chooseDriver = (options: JailOptions): Effect.Effect<Chosen, JailUnavailable, Scope.Scope> =>
  Effect.gen(function* () {
    const pty = yield* attempt("none", () => findPty())
    if (options.driver === "none") return yield* unconfined(options, pty, "The jail is turned off.")

    const confined = yield* Effect.result(confine(options, pty))
    if (confined._tag === "Success") return confined.success
    if (options.driver === "bubblewrap") return yield* confined.failure
    return yield* unconfined(options, pty, confined.failure.reason)
  })

const confine = Effect.fnUntraced(function* (options: JailOptions, pty: string) {
  const identity = yield* attempt("bubblewrap", () => settleIdentity({ ...options, confined: true }))
  const workspace = realpathSync(options.workspace)
  const egressSocket = path.join(options.runtimeDir, "egress.sock")
  const settings: BubblewrapOptions = {
    identity,
    workspace,
    home: realpathSync(options.home),
    runtimeDir: options.runtimeDir,
    node: options.node,
    hostBundle: options.hostBundle,
    pty,
    egressSocket,
    env: { ...baseEnvironment(), ...options.env },
    toolchain: findToolchain(options.node)
  }
  const reason = yield* Effect.tryPromise({
    try: () => probe(settings),
    catch: (error) => new JailUnavailable({ driver: "bubblewrap", reason: inWords(error) })
  })
  if (reason !== undefined) return yield* new JailUnavailable({ driver: "bubblewrap", reason })
  yield* startEgress({
    socketPath: egressSocket,
    policy: options.policy ?? openPolicy,
    ...(identity === null ? {} : { owner: identity }),
    ...(options.onEgress === undefined ? {} : { onDecision: options.onEgress })
  }).pipe(Effect.mapError((error) => new JailUnavailable({ driver: "bubblewrap", reason: error.message })))
  return { driver: bubblewrapDriver(settings), reason: null, identity, workspace }
})

const unconfined = Effect.fnUntraced(function* (options: JailOptions, pty: string, reason: string) {
  return yield* attempt("none", () => {
    const settled = settleIdentity({ ...options, confined: false })
    const workspace = realpathSync(options.workspace)
    const home = realpathSync(options.home)
    const needed = [workspace, home, options.node, options.hostBundle, pty].map((file) => realpathSync(file))
    // Without a file tree of its own the host must reach its own parts; where it can't, there is nothing to gain either.
    const identity = settled !== null && needed.every((file) => isReachable(file, settled)) ? settled : null
    const driver = noneDriver({
      identity,
      workspace,
      home,
      node: options.node,
      hostBundle: options.hostBundle,
      pty,
      env: { ...baseEnvironment(), ...options.env }
    })
    return { driver, reason, identity, workspace }
  })
})

const baseEnvironment = (): Record<string, string> => ({
  LANG: process.env.LANG ?? "C.UTF-8",
  TZ: process.env.TZ ?? timeZone() ?? "UTC"
})

/** Asking Intl would load its tables at start. */
const timeZone = (): string | undefined => {
  try {
    return /zoneinfo\/(.+)$/.exec(realpathSync("/etc/localtime"))?.[1]
  } catch {
    return undefined
  }
}

/** node-pty's prebuilt part, from where its package finds it. */
const findPty = (): string => {
  const nodePty = createRequire(import.meta.url).resolve("@lydell/node-pty/package.json")
  return createRequire(nodePty).resolve(`@lydell/node-pty-${process.platform}-${process.arch}/pty.node`)
}

const attempt = <A>(driver: "bubblewrap" | "none", run: () => A): Effect.Effect<A, JailUnavailable> =>
  Effect.try({
    try: run,
    catch: (error) => new JailUnavailable({ driver, reason: inWords(error) })
  })

const inWords = (error: unknown): string => (error instanceof Error ? error.message : String(error))
