/**
 * Is the build that is there a build of the sources that are there?
 *
 * Law: a build keeps the list of its inputs (path, size, time of change); the same list means the same build.
 */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"

export const stampName = "inputs.txt"

export const isBuilt = (root) => {
  try {
    return readFileSync(join(root, "dist", "current", stampName), "utf8") === inputs(root)
  } catch (error) {
    if (error.code === "ENOENT") return false
    throw error
  }
}

/** What a build is made of, one line a file. Tests are no part of it. */
export const inputs = (root) => {
  const lines = []
  const add = (path) => {
    const { size, mtimeMs } = statSync(join(root, path))
    lines.push(`${path} ${size} ${mtimeMs}`)
  }
  const walk = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) walk(path)
      else if (!/\.test\.tsx?$/.test(entry.name)) add(path)
    }
  }
  add("package-lock.json")
  add("scripts/build.mjs")
  for (const name of ["index.html", "vite.config.ts"]) {
    if (existsSync(join(root, "packages/desktop", name))) add(`packages/desktop/${name}`)
  }
  if (existsSync(join(root, "packages/desktop/public"))) walk("packages/desktop/public")
  for (const entry of readdirSync(join(root, "packages"), { withFileTypes: true })) {
    if (!entry.isDirectory()) continue
    add(`packages/${entry.name}/package.json`)
    if (existsSync(join(root, `packages/${entry.name}/src`))) walk(`packages/${entry.name}/src`)
  }
  return `${lines.sort().join("\n")}\n`
}
