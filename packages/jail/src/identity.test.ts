import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import * as path from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "@effect/vitest"
import { IdentityRefused, isReachable, settleIdentity } from "./identity.ts"

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "ci-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const options = (confined = true) => ({
  workspace: path.join(folder, "workspace"),
  home: path.join(folder, "home"),
  confined
})

if (process.getuid?.() === 0) {
  describe("started as root", () => {
    it("a workspace that we make gets a uid of its own, the same each time, and so does the home", () => {
      const identity = settleIdentity(options())
      expect(identity?.uid).toBeGreaterThanOrEqual(64100)
      expect(statSync(options().workspace).uid).toBe(identity?.uid)
      expect(statSync(options().home).uid).toBe(identity?.uid)
      expect(settleIdentity(options())).toEqual(identity)
    })

    it("a workspace that is there has the jail run as its owner, and stays as it is", () => {
      mkdirSync(options().workspace)
      writeFileSync(path.join(options().workspace, "file"), "")
      chownSync(options().workspace, 4321, 4322)
      expect(settleIdentity(options())).toEqual({ uid: 4321, gid: 4322 })
      expect(statSync(path.join(options().workspace, "file")).uid).toBe(0)
    })

    it("root's own workspace is refused in words", () => {
      mkdirSync(options().workspace)
      expect(() => settleIdentity(options())).toThrow(IdentityRefused)
      expect(() => settleIdentity(options())).toThrow(/belongs to root/)
      expect(settleIdentity(options(false))).toBe(null)
      expect(statSync(options().workspace).uid).toBe(0)
    })

    it("a home that another identity left goes over with all that is in it", () => {
      mkdirSync(path.join(folder, "home/inner"), { recursive: true })
      chownSync(path.join(folder, "home"), 4000, 4000)
      const identity = settleIdentity(options())
      expect(statSync(path.join(folder, "home/inner")).uid).toBe(identity?.uid)
    })
  })
} else {
  it("started as a user, the jail is that user's", () => {
    expect(settleIdentity(options())).toBe(null)
    expect(statSync(options().workspace).uid).toBe(process.getuid?.())
  })
}

it("a closed folder on the way is noticed", () => {
  const target = path.join(folder, "open/file")
  mkdirSync(path.dirname(target), { mode: 0o755 })
  expect(isReachable(target, { uid: 64123, gid: 64123 })).toBe(false)
  expect(isReachable("/usr/bin", { uid: 64123, gid: 64123 })).toBe(true)
})
