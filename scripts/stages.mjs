/** The stages of a check: each has a name, shows all that it finds, and is timed; the first that fails is the last that runs. */
import { join } from "node:path"
import { pinnedNode } from "./pinnedNode.mjs"
import { run } from "./processes.mjs"
import { root } from "./ready.mjs"

const tool = (path, ...args) => run(pinnedNode(root), [join(root, path), ...args], { cwd: root })

/** Runs a tool of the project with the pinned Node; resolves to its exit code. */
export const vitest = (...args) => tool("node_modules/vitest/vitest.mjs", ...args)

/** What can be said of the sources without running them. */
export const checks = [
  { name: "types", run: () => tool("node_modules/typescript/bin/tsc", "-p", ".") },
  { name: "types of the desktop", run: () => tool("node_modules/typescript/bin/tsc", "-p", "packages/desktop") },
  { name: "types of its tests", run: () => tool("node_modules/typescript/bin/tsc", "-p", "e2e/desktop") },
  { name: "lint", run: () => tool("node_modules/@biomejs/biome/bin/biome", "ci", "--error-on-warnings") },
  { name: "structure", run: () => tool("scripts/check-structure.mjs") },
  { name: "unused", run: () => tool("node_modules/knip/bin/knip.js", "--no-progress", "--no-config-hints") }
]

/** Runs stages in order (`run` resolves to an exit code) and resolves to the name of the one that failed, if one did. */
export const runStages = async (stages) => {
  for (const stage of stages) {
    console.log(`\n── ${stage.name}`)
    const began = Date.now()
    const code = await stage.run()
    const time = `${((Date.now() - began) / 1000).toFixed(1)} s`
    console.log(code === 0 ? `── ${stage.name}: ok, ${time}` : `── ${stage.name}: FAILED, ${time}`)
    if (code !== 0) return stage.name
  }
  return undefined
}
