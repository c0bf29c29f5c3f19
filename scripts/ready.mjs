/**
 * Makes the checkout ready to run: installs what is missing, builds what is stale. With nothing to do it takes milliseconds,
 * so it loads nothing that it may not need. What it says goes to stderr: stdout is the program's.
 */
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { isBuilt } from "./freshness.mjs"
import { install, isInstalled } from "./install.mjs"
import { nodeIsMissing, pinnedNode } from "./pinnedNode.mjs"

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "")

const say = (text) => process.stderr.write(`${text}\n`)

export const ready = async () => {
  if (isInstalled(root) && isBuilt(root) && pinnedNode(root) !== undefined) return
  const { oneAtATime } = await import("./oneAtATime.mjs")
  await oneAtATime(join(root, "dist", "ready.lock"), makeReady, (holder) =>
    say(`Waiting for process ${holder}, which is installing or building here.`)
  )
}

const makeReady = async () => {
  if (!isInstalled(root)) {
    say("Installing what the lock file names (about a minute, once) …")
    await install(root)
  }
  if (pinnedNode(root) === undefined) throw new Error(nodeIsMissing)
  if (!isBuilt(root)) {
    say("Building …")
    const { build } = await import("./build.mjs")
    await build(root)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ready().catch((error) => {
    say(error.message)
    process.exitCode = 1
  })
}
