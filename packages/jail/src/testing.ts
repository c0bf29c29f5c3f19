/** What the tests of this package share: one bundle of the host, folders that go away, a jail of either driver. */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type { Scope } from "effect/Scope"
import { Jail, type JailOptions } from "./Jail.ts"
import type { JailUnavailable } from "./errors.ts"

const require = createRequire(import.meta.url)

/** The pinned Node, not the one that runs the tests. */
export const pinnedNode = require.resolve(`node-${process.platform}-${process.arch}/bin/node`)

let bundle: string | undefined

/** Made once a test process. */
export const hostBundle = (): string => {
  if (bundle !== undefined) return bundle
  const folder = mkdtempSync(path.join(tmpdir(), "choir-host-"))
  chmodSync(folder, 0o755)
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
  bundle = path.join(folder, "host.mjs")
  execFileSync(require.resolve("esbuild/bin/esbuild"), [
    path.join(import.meta.dirname, "host/main.ts"),
    "--bundle",
    "--platform=node",
    "--format=esm",
    "--target=node24",
    `--outfile=${bundle}`,
    "--log-level=error",
    "--banner:js=import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);"
  ])
  return bundle
}

export interface Ground {
  readonly folder: string
  readonly workspace: string
  readonly home: string
  readonly runtimeDir: string
}

/** Folders for one jail, removed with the scope. `open`: every user may pass through them. */
export const ground = (access: "open" | "closed" = "open"): Effect.Effect<Ground, never, Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = mkdtempSync(path.join(tmpdir(), "cj-"))
      chmodSync(folder, access === "open" ? 0o755 : 0o700)
      const runtimeDir = path.join(folder, "run")
      mkdirSync(runtimeDir, { mode: 0o711 })
      return { folder, workspace: path.join(folder, "workspace"), home: path.join(folder, "home"), runtimeDir }
    }),
    ({ folder }) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  )

export const optionsOn = (on: Ground, driver: JailOptions["driver"]): JailOptions => ({
  driver,
  workspace: on.workspace,
  home: on.home,
  runtimeDir: on.runtimeDir,
  node: pinnedNode,
  hostBundle: hostBundle()
})

export const jailOn = (on: Ground, driver: JailOptions["driver"]): Layer.Layer<Jail, JailUnavailable> =>
  Jail.layer(optionsOn(on, driver))
