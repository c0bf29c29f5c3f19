/**
 * The bundles.
 *
 *   dist/sandbox.mjs, dist/choir.mjs     doors: turn the compile cache on, then load the current build
 *   dist/current                      →  builds/<id>
 *   dist/builds/<id>/                    sandbox.mjs, choir.mjs and their chunks, jail-host.mjs (one file), builtin/*.md,
 *                                        desktop/ (what a browser gets, each text also as .gz)
 *
 * Law: a build becomes current by one rename, and stays as it is until it is removed. A killed build leaves nothing half
 * made, two at once don't disturb each other, and a running server finds its own chunks and jail host after a new build.
 *
 * All files of a build are in one folder, so `new URL("./jail-host.mjs", import.meta.url)` is right in any chunk.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import * as esbuild from "esbuild"
import { inputs, stampName } from "./freshness.mjs"
import { nodeMajor } from "./pinnedNode.mjs"
import { breachOf, measureShell } from "./shellBudget.mjs"

/** `door` is a program of its own; `splits` has parts that are loaded when they are first needed. */
const bundles = [
  { name: "sandbox", entry: "packages/sandbox/src/main.ts", door: true, splits: true },
  { name: "choir", entry: "packages/cli/src/main.ts", door: true, splits: true },
  { name: "jail-host", entry: "packages/jail/src/host/main.ts", door: false, splits: false }
]
const builtinAgents = "packages/sandbox/src/agents/builtin"

/** They bring native code, which no bundle can hold. */
const native = ["libsql", "@lydell/node-pty"]

/** What costs more at start than a start may take. It is loaded at the first model call. */
const lazy = /(?:^|\/)node_modules\/(ai|@ai-sdk\/[^/]+)\//

/**
 * `import` of node:http makes a namespace of all its exports, and one of them (WebSocket) loads the whole of undici: 30 ms
 * and 5 MB that a start has no use for.
 */
const plainHttp = {
  name: "plain-http",
  setup: (esbuild) => {
    esbuild.onResolve({ filter: /^(node:)?http$/ }, () => ({ path: "http", namespace: "plain-http" }))
    esbuild.onLoad({ filter: /./, namespace: "plain-http" }, () => ({
      contents: 'module.exports = process.getBuiltinModule("node:http")'
    }))
  }
}

const kept = 4
const abandonedAfter = 3_600_000

// CommonJS packages in an ESM bundle call `require`.
const banner = `import { createRequire as choirosCreateRequire } from "node:module"
const require = choirosCreateRequire(import.meta.url)`

const door = (name) => `import { realpathSync } from "node:fs"
import module from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"

const build = realpathSync(fileURLToPath(new URL("./current", import.meta.url)))
if (Number.parseInt(process.versions.node, 10) < ${nodeMajor}) {
  console.error("This is Node " + process.versions.node + ", and ChoirOS runs on ${nodeMajor}: run it by npm, which brings the right one.")
  process.exit(1)
}
module.enableCompileCache(\`\${build}/cache\`)
setTimeout(() => module.flushCompileCache(), 10_000).unref()
await import(pathToFileURL(\`\${build}/${name}.mjs\`).href)
`

export const build = async (root) => {
  const began = Date.now()
  const stamp = inputs(root)
  const dist = join(root, "dist")
  const id = `${began.toString(36)}-${process.pid}`
  const out = join(dist, "builds", id)
  mkdirSync(out, { recursive: true })
  try {
    const [, ...results] = await allDone([
      desktopInto(root, join(out, "desktop")),
      ...bundles.map((bundle) => bundleInto(root, out, bundle))
    ])
    const eager = new Set(results.flatMap(loadedAtStart).flatMap((input) => lazy.exec(input)?.[1] ?? []))
    if (eager.size > 0) throw new Error(`Loaded at start, but to be loaded when first needed: ${[...eager].join(", ")}`)
    if (existsSync(join(root, builtinAgents))) {
      cpSync(join(root, builtinAgents), join(out, "builtin"), { recursive: true, filter: isFolderOrMarkdown })
    }
    writeFileSync(join(out, stampName), stamp)
  } catch (error) {
    rmSync(out, { recursive: true, force: true })
    throw error
  }
  for (const bundle of bundles) {
    if (bundle.door) replace(join(dist, `${bundle.name}.mjs`), (path) => writeFileSync(path, door(bundle.name)))
  }
  replace(join(dist, "current"), (path) => symlinkSync(`builds/${id}`, path))
  prune(join(dist, "builds"), id)
  process.stderr.write(`Built in ${Date.now() - began} ms\n`)
}

/** All of them, or the first failure once none of them writes any more. */
const allDone = async (promises) => {
  await Promise.allSettled(promises)
  return Promise.all(promises)
}

const bundleInto = async (root, out, { name, entry, splits }) => {
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: [{ in: entry, out: name }],
    outdir: out,
    outExtension: { ".js": ".mjs" },
    chunkNames: `${name}-[hash]`,
    bundle: true,
    splitting: splits,
    platform: "node",
    format: "esm",
    target: `node${nodeMajor}`,
    treeShaking: true,
    // Node keeps the source of what it runs in memory. Names stay, for stack traces that say something.
    minifyWhitespace: true,
    banner: { js: banner },
    external: native,
    plugins: [plainHttp],
    // Costs nothing unless Node is asked for it (--enable-source-maps).
    sourcemap: "linked",
    sourcesContent: false,
    legalComments: "none",
    metafile: true,
    logLevel: "warning"
  })
  return metafile
}

/** The desktop's own configuration says how; here is where. */
const desktopInto = async (root, out) => {
  const { build: vite } = await import("vite")
  const { output } = await vite({
    root: join(root, "packages/desktop"),
    logLevel: "warn",
    build: { outDir: out, emptyOutDir: true }
  })
  const breach = breachOf(measureShell(output, (name) => readFileSync(join(out, name))))
  if (breach !== null) throw new Error(breach)
  for (const entry of readdirSync(out, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !compressible.test(entry.name)) continue
    const path = join(entry.parentPath, entry.name)
    writeFileSync(`${path}.gz`, gzipSync(readFileSync(path), { level: 9 }))
  }
}

const compressible = /\.(js|mjs|css|html|svg|json|webmanifest|wasm)$/

/** The sources that a bundle loads before it is asked for anything. */
const loadedAtStart = (metafile) => {
  const seen = new Set()
  const visit = (path) => {
    if (seen.has(path) || metafile.outputs[path] === undefined) return
    seen.add(path)
    for (const { kind, path: imported } of metafile.outputs[path].imports) {
      if (kind === "import-statement") visit(imported)
    }
  }
  for (const [path, output] of Object.entries(metafile.outputs)) {
    if (output.entryPoint?.endsWith("/main.ts")) visit(path)
  }
  return [...seen].flatMap((path) => Object.keys(metafile.outputs[path].inputs))
}

const isFolderOrMarkdown = (path) => statSync(path).isDirectory() || path.endsWith(".md")

const replace = (path, make) => {
  const next = `${path}.${process.pid}`
  rmSync(next, { force: true })
  make(next)
  renameSync(next, path)
}

// A server may still run from an older build, so the last few stay; what has no stamp is being made, or was abandoned.
const prune = (builds, current) => {
  const byAge = readdirSync(builds)
    .filter((id) => id !== current)
    .map((id) => ({ path: join(builds, id), at: statSync(join(builds, id)).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  const isWhole = ({ path }) => existsSync(join(path, stampName))
  const old = byAge.filter(isWhole).slice(kept - 1)
  const abandoned = byAge.filter((one) => !isWhole(one) && Date.now() - one.at > abandonedAfter)
  for (const { path } of [...old, ...abandoned]) rmSync(path, { recursive: true, force: true })
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  build(fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "")).catch((error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  })
}
