import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { afterEach, beforeEach, expect, it } from "vitest"
import { removeLeftSpools, Spool } from "./Spool.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(Path.join(tmpdir(), "cs-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const limits = { memory: 100, kept: 1000, tail: 50 }

it("keeps a short output in memory", async () => {
  const spool = new Spool(folder, limits)
  await spool.append("hello ")
  await spool.append("wörld")

  expect(spool.total).toBe(12)
  expect(await spool.read(0, 100)).toBe("hello wörld")
  expect(await spool.read(6, 2)).toBe("w")
  expect(await spool.finish()).toBeNull()
  expect(readdirSync(folder)).toEqual([])
})

it("puts a longer one into a file of its own, for this user alone, and takes it away", async () => {
  const spool = new Spool(Path.join(folder, "made"), limits)
  const text = "0123456789".repeat(30)
  for (let at = 0; at < text.length; at += 7) await spool.append(text.slice(at, at + 7))

  const file = await spool.finish()

  expect(await spool.read(0, 1000)).toBe(text)
  expect(file).not.toBeNull()
  expect(readFileSync(file ?? "", "utf8")).toBe(text)
  expect(statSync(file ?? "").mode & 0o777).toBe(0o600)
  await spool.remove()
  expect(existsSync(file ?? "")).toBe(false)
})

it("keeps the beginning and the end of one that is too long, and says what is missing", async () => {
  const spool = new Spool(folder, limits)
  for (let line = 0; line < 500; line++) await spool.append(`line ${String(line).padStart(4, "0")}\n`)

  expect(spool.total).toBe(5000)
  expect(spool.kept).toBe(1000)
  expect(spool.tailFrom).toBe(4950)
  expect(spool.last(10)).toBe("line 0499\n")
  expect(await spool.read(2000, 100)).toBe("")
  expect(await spool.read(4950, 100)).toBe("line 0495\nline 0496\nline 0497\nline 0498\nline 0499\n")
  const whole = readFileSync((await spool.finish()) ?? "", "utf8")
  expect(whole.startsWith("line 0000\n")).toBe(true)
  expect(whole).toContain("line 0099\n\n[… 3950 bytes were not kept …]\nline 0495\n")
  expect(whole.endsWith("line 0499\n")).toBe(true)
  await spool.remove()
})

it("never cuts a character at its limit", async () => {
  const spool = new Spool(folder, { memory: 10, kept: 20, tail: 10 })
  await spool.append("€".repeat(20))

  expect(await spool.read(0, 20)).toBe("€".repeat(6))
  expect(spool.last(10)).toBe("€€€")
  await spool.remove()
})

it("goes on with what it has when there is no place for a file", async () => {
  const file = Path.join(folder, "no-folder")
  writeFileSync(file, "")
  const spool = new Spool(file, limits)
  await spool.append("a".repeat(90))
  await spool.append("b".repeat(90))
  await spool.append("the end")

  expect(spool.total).toBe(187)
  expect(spool.kept).toBe(90)
  expect(await spool.read(0, 1000)).toBe("a".repeat(90))
  expect(spool.last(7)).toBe("the end")
})

it("removes what a killed server has left, and nothing else", async () => {
  const left = new Spool(folder, limits)
  await left.append("x".repeat(200))
  writeFileSync(Path.join(folder, "notes.txt"), "mine")

  await removeLeftSpools(folder)
  await removeLeftSpools(Path.join(folder, "not-there"))

  expect(readdirSync(folder)).toEqual(["notes.txt"])
  await left.remove()
})
