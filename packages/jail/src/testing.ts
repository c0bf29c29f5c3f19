/** What the tests of this package share: one bundle of the host, folders that go away, a jail of either driver. */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import type { JailUnavailable } from "./errors.ts"
import { Jail, type JailOptions } from "./Jail.ts"

const require = createRequire(import.meta.url)

/** The pinned Node, not the one that runs the tests. */
export const pinnedNode = require.resolve(`node-${process.platform}-${process.arch}/bin/node`)

let bundle: string | undefined

/** The text of the host's bundle, made once a test process. */
const hostBundle = (): string => {
  bundle ??= execFileSync(
    require.resolve("esbuild/bin/esbuild"),
    [
      path.join(import.meta.dirname, "host/main.ts"),
      "--bundle",
      "--platform=node",
      "--format=esm",
      "--target=node24",
      "--log-level=error",
      "--banner:js=import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"
    ],
    { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }
  )
  return bundle
}

export interface Ground {
  readonly folder: string
  readonly workspace: string
  readonly home: string
  readonly runtimeDir: string
  readonly hostBundle: string
}

/** Folders for one jail, removed with the scope. `open`: every user may pass through them. */
export const ground = (access: "open" | "closed" = "open"): Effect.Effect<Ground, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(path.join(tmpdir(), "cj-"))
      chmodSync(folder, access === "open" ? 0o755 : 0o700)
      const on = groundAt(folder)
      mkdirSync(on.runtimeDir, { mode: 0o711 })
      writeFileSync(on.hostBundle, hostBundle(), { mode: 0o644 })
      return on
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

export const groundAt = (folder: string): Ground => ({
  folder,
  workspace: path.join(folder, "workspace"),
  home: path.join(folder, "home"),
  runtimeDir: path.join(folder, "run"),
  hostBundle: path.join(folder, "host.mjs")
})

/** Host processes whose command line holds `text`. */
export const processesWith = (text: string): ReadonlyArray<number> =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/cmdline`, "utf8").includes(text)
      } catch {
        return false
      }
    })
    .map(Number)

/** Looks again until it holds; fails when it doesn't within `seconds`. */
export const eventually = (what: string, holds: () => boolean, seconds = 5): Effect.Effect<void> =>
  Effect.promise(async () => {
    const end = Date.now() + seconds * 1000
    while (!holds()) {
      if (Date.now() > end) throw new Error(`It did not come to be: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })

export const optionsOn = (on: Ground, driver: JailOptions["driver"]): JailOptions => ({
  driver,
  workspace: on.workspace,
  home: on.home,
  runtimeDir: on.runtimeDir,
  node: pinnedNode,
  hostBundle: on.hostBundle
})

export const jailOn = (on: Ground, driver: JailOptions["driver"]): Layer.Layer<Jail, JailUnavailable> =>
  Jail.layer(optionsOn(on, driver))
