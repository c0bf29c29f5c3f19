import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"

const script = new URL("./oneAtATime.mjs", import.meta.url).href

let folder: string
let lock: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "choiros-lock-"))
  lock = join(folder, "lock")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A process that holds the lock while it runs `work`, and prints whom it had to wait for. */
const holder = (work: string) =>
  spawn(process.execPath, [
    "--input-type=module",
    "--eval",
    `import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
     import { setTimeout as sleep } from "node:timers/promises"
     import { oneAtATime } from ${JSON.stringify(script)}
     await oneAtATime(${JSON.stringify(lock)}, async () => { ${work} }, (id) => console.log("waits for " + id))`
  ])

const ended = async (child: ReturnType<typeof holder>) => {
  let said = ""
  child.stdout.on("data", (chunk) => {
    said += chunk
  })
  const [code] = await once(child, "close")
  return { code, said }
}

const deadProcess = () => spawnSync(process.execPath, ["--version"]).pid

it("lets one process in at a time", async () => {
  const counter = join(folder, "counter")
  writeFileSync(counter, "0")
  const path = JSON.stringify(counter)
  // Between the read and the write each gives way: without the lock, counts would be lost.
  const count = `const n = Number(readFileSync(${path}, "utf8")); await sleep(20); writeFileSync(${path}, String(n + 1))`

  const all = await Promise.all(Array.from({ length: 6 }, () => ended(holder(count))))

  expect(all.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0])
  expect(readFileSync(counter, "utf8")).toBe("6")
  expect(existsSync(lock)).toBe(false)
})

it("says for whom it waits, and goes on when that one is killed", async () => {
  const first = holder(`console.log("in"); await sleep(60_000)`)
  await once(first.stdout, "data")
  const second = holder(`console.log("in")`)
  const result = ended(second)
  await once(second.stdout, "data")
  first.kill("SIGKILL")

  expect(await result).toEqual({ code: 0, said: `waits for ${first.pid}\nin\n` })
})

it("takes a lock over from a holder that is dead", async () => {
  writeFileSync(lock, String(deadProcess()))

  expect(await ended(holder(`console.log("in")`))).toEqual({ code: 0, said: "in\n" })
})

it("takes a lock over from a holder that has long not touched it, though its id lives on", async () => {
  writeFileSync(lock, String(process.pid))
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(lock, longAgo, longAgo)

  expect(await ended(holder(`console.log("in")`))).toEqual({ code: 0, said: "in\n" })
})

it("is free again when the work fails", async () => {
  const { code } = await ended(holder(`throw new Error("no")`))

  expect(code).toBe(1)
  expect(existsSync(lock)).toBe(false)
})
