/**
 * The packages of the lock file.
 *
 * Law: `node_modules/.choiros-installed` is a copy of the lock file (after a line that names the platform) that is
 * written when an install has ended well: equal means installed, anything else means install.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { run } from "./processes.mjs"

const stampPath = (root) => join(root, "node_modules", ".choiros-installed")

const wanted = (root) => `${process.platform} ${process.arch}\n${readFileSync(join(root, "package-lock.json"), "utf8")}`

export const isInstalled = (root) => {
  try {
    return readFileSync(stampPath(root), "utf8") === wanted(root)
  } catch (error) {
    if (error.code === "ENOENT") return false
    throw error
  }
}

/** Installs exactly what the lock file says, development tools too (the build needs them), with no install script. */
export const install = async (root) => {
  const stamp = wanted(root)
  rmSync(stampPath(root), { force: true })
  const [command, ...before] = npm()
  const code = await run(
    command,
    [
      ...before,
      "ci",
      "--ignore-scripts",
      "--include=dev",
      "--include=optional",
      "--no-audit",
      "--no-fund",
      "--loglevel=error"
    ],
    { cwd: root, stdio: ["ignore", process.stderr, process.stderr] }
  )
  if (code !== 0) throw new Error(`npm ci ended with exit code ${code}: the packages are not installed`)
  writeFileSync(stampPath(root), stamp)
}

// Within `npm start` the same npm is used, by its path; within npx that variable names npx.
const npm = () => {
  const path = process.env.npm_execpath
  return path?.endsWith("npm-cli.js") ? [process.execPath, path] : ["npm"]
}
