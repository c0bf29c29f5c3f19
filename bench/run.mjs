/**
 * Runs benchmarks one after the other, each in a process of its own, and sums up what they said.
 *
 *   node run.mjs [name …]        all but the long ones without a name
 *
 * Law: what did not hold is said and is no failure; only what could not be measured ends it with exit code 1.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { pinnedNode } from "../scripts/pinnedNode.mjs"
import { ready, root } from "../scripts/ready.mjs"

const here = dirname(fileURLToPath(import.meta.url))

const suites = {
  supervision: { files: ["supervision/throughput.ts", "supervision/idle.ts"] },
  log: { files: ["log/append.ts", "log/replay.ts"] },
  turns: { files: ["turns/turns.ts"] },
  start: { files: ["start/start.ts"] },
  terminal: { files: ["terminal/terminal.ts"] },
  choir: { files: ["choir/children.ts", "choir/accept.ts", "choir/idle.ts", "choir/logBytes.ts", "choir/bigLog.ts"] },
  desktop: {
    files: ["start", "tokens", "drag", "timeline", "stage", "reconnect", "idle", "hour"].map(
      (name) => `desktop/${name}.ts`
    )
  },
  growth: { files: ["start/growth.ts"], long: true }
}

const run = async (file, args, options) => {
  const child = spawn(file, args, { stdio: "inherit", ...options })
  const [code] = await once(child, "exit")
  return code ?? 1
}

const install = async () => {
  const lock = readFileSync(join(here, "package-lock.json"), "utf8")
  const stamp = join(here, "node_modules", ".installed")
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return
  const given = process.env.npm_execpath
  const [command, ...before] = given?.endsWith("npm-cli.js") ? [process.execPath, given] : ["npm"]
  const npm = (...args) =>
    run(command, [...before, ...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd: here })
  if ((await npm("ci", "--ignore-scripts", "--include=optional")) !== 0)
    throw new Error("The peers could not be installed")
  // emmett's driver is native code without a binary in its package: it is fetched or compiled (a C++ compiler, Python).
  if ((await npm("rebuild", "sqlite3")) !== 0)
    console.error("sqlite3 can't be built here: the log can't be compared with emmett")
  else writeFileSync(stamp, lock)
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in suites))
if (unknown.length > 0)
  throw new Error(`No benchmark ${unknown.join(", ")}: there is ${Object.keys(suites).join(", ")}`)
const chosen = asked.length > 0 ? asked : Object.keys(suites).filter((name) => !suites[name].long)

await ready()
await install()
const folder = mkdtempSync(join(tmpdir(), "choir-bench-run-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))
const report = join(folder, "lines.jsonl")
writeFileSync(report, "")
const failed = []
for (const file of chosen.flatMap((name) => suites[name].files)) {
  console.log(`\n── ${file}`)
  const code = await run(pinnedNode(root), ["--expose-gc", join(here, file)], {
    cwd: here,
    env: { ...process.env, BENCH_REPORT: report }
  })
  if (code !== 0) failed.push(file)
}

if (chosen.length > 1) {
  const code = await run(pinnedNode(root), [join(here, "support/summary.ts"), report], { cwd: here })
  if (code !== 0) failed.push("the summary")
}
if (failed.length > 0) console.error(`Could not be measured: ${failed.join(", ")}`)
process.exitCode = failed.length > 0 ? 1 : 0
