/** The starting user's own Node and npm, to be bound into the jail when they are not under /usr, which is bound anyway. */
import { existsSync, realpathSync } from "node:fs"
import * as path from "node:path"
import type { Toolchain } from "./bubblewrap.ts"

/** The first installation in PATH that has npm. `pinned` is the server's own Node, which has none. */
export const findToolchain = (pinned: string): Toolchain | null => {
  const own = existsSync(pinned) ? realpathSync(pinned) : pinned
  for (const folder of (process.env.PATH ?? "").split(path.delimiter)) {
    const node = path.join(folder, "node")
    if (!path.isAbsolute(folder) || !existsSync(node)) continue
    const real = realpathSync(node)
    if (real === own) continue
    const prefix = path.dirname(path.dirname(real))
    if (real.startsWith("/usr/")) return null
    if (existsSync(path.join(prefix, "lib/node_modules/npm/bin/npm-cli.js"))) return { prefix }
  }
  return null
}
