/** `npm run check`: types, lint, structure and unused code, without running a test. */
import { install, isInstalled } from "./install.mjs"
import { root } from "./ready.mjs"
import { checks, runStages } from "./stages.mjs"

if (!isInstalled(root)) await install(root)
process.exitCode = (await runStages(checks)) === undefined ? 0 : 1
