/** A real jail for tests, with the host bundled once a process. Everything ends with the scope. */
import { execFileSync } from "node:child_process"
import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { Jail } from "@choiros/jail"

const require = createRequire(import.meta.url)

let bundle: string | undefined

const bundleOfHost = (): string => {
  bundle ??= execFileSync(
    require.resolve("esbuild/bin/esbuild"),
    [
      join(dirname(require.resolve("@choiros/jail")), "host/main.ts"),
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

/** A jail over `workspace` in a folder that others may pass through. */
export const jailIn = (folder: string, driver: "bubblewrap" | "none") => {
  chmodSync(folder, 0o755)
  const runtimeDir = join(folder, "run")
  const hostBundle = join(folder, "host.mjs")
  mkdirSync(runtimeDir, { recursive: true, mode: 0o711 })
  writeFileSync(hostBundle, bundleOfHost(), { mode: 0o644 })
  return Jail.layer({
    driver,
    workspace: join(folder, "workspace"),
    home: join(folder, "jail-home"),
    runtimeDir,
    node: require.resolve(`node-${process.platform}-${process.arch}/bin/node`),
    hostBundle
  })
}
