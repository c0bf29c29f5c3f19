/** Which Node runs the product: the one that the lock file pins, by path; else, where none is packaged (macOS), the user's own. */
import { existsSync } from "node:fs"
import { join } from "node:path"

export const nodeMajor = 24

/** The path of the Node to use, or `undefined` when there is none that will do. */
export const pinnedNode = (root) => {
  const pinned = join(root, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node")
  if (existsSync(pinned)) return pinned
  return Number.parseInt(process.versions.node, 10) >= nodeMajor ? process.execPath : undefined
}

export const nodeIsMissing =
  `ChoirOS runs on Node ${nodeMajor}. On Linux (x64, arm64) it brings its own; here (${process.platform} ${process.arch}) there ` +
  `is none, and this is Node ${process.versions.node}: install Node ${nodeMajor} (https://nodejs.org) and run the command again.`
