import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"

const script = new URL("./freshness.mjs", import.meta.url).href

let root: string

const write = (path: string, text = "") => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

const evaluate = (expression: string) => {
  const code = `import { inputs, isBuilt } from ${JSON.stringify(script)}; process.stdout.write(String(${expression}))`
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" })
  expect(stderr).toBe("")
  return stdout
}
const isBuilt = () => evaluate(`isBuilt(${JSON.stringify(root)})`) === "true"
const markBuilt = () => write("dist/current/inputs.txt", evaluate(`inputs(${JSON.stringify(root)})`))

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "choiros-freshness-"))
  for (const path of ["package-lock.json", "scripts/build.mjs", "packages/a/package.json", "packages/a/src/deep/x.ts"])
    write(path)
  markBuilt()
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

it("a build of the same inputs is fresh", () => {
  expect(isBuilt()).toBe(true)
})

it("a build that is not there is not fresh", () => {
  rmSync(join(root, "dist"), { recursive: true })
  expect(isBuilt()).toBe(false)
})

it.each<[string, () => void]>([
  ["a changed source", () => write("packages/a/src/deep/x.ts", "changed")],
  ["a source of the same size with another time", () => utimesSync(join(root, "packages/a/src/deep/x.ts"), 1, 1)],
  ["a new source", () => write("packages/a/src/y.ts")],
  ["a removed source", () => rmSync(join(root, "packages/a/src/deep/x.ts"))],
  ["a new package", () => cpSync(join(root, "packages/a"), join(root, "packages/b"), { recursive: true })],
  ["a changed lock file", () => write("package-lock.json", "{}")],
  ["a changed build", () => write("scripts/build.mjs", "changed")]
])("%s makes the build stale", (_, change) => {
  change()
  expect(isBuilt()).toBe(false)
})

it("a test is no input of the build", () => {
  write("packages/a/src/deep/x.test.ts", "new")
  expect(isBuilt()).toBe(true)
})
