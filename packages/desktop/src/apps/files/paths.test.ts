import { expect, it } from "vitest"
import { crumbsOf, folderOf, freeName, isWithin, nameOf, resolvedPath, shownPath, wrongName } from "./paths.ts"

it("takes paths apart", () => {
  expect(nameOf("/w/src/a.ts")).toBe("a.ts")
  expect(folderOf("/w/src/a.ts")).toBe("/w/src")
  expect(isWithin("/w/src", "/w/src")).toBe(true)
  expect(isWithin("/w/src", "/w/src2/a")).toBe(false)
  expect(shownPath("/w", "/w/src/a.ts")).toBe("src/a.ts")
  expect(shownPath(null, "/w/src/a.ts")).toBe("/w/src/a.ts")
})

it("names each folder on the way, without what reorders letters", () => {
  expect(crumbsOf("/w", "/w")).toEqual([{ path: "/w", name: "Workspace" }])
  expect(crumbsOf("/w", "/w/a/\u202Eb\u0007")).toEqual([
    { path: "/w", name: "Workspace" },
    { path: "/w/a", name: "a" },
    { path: "/w/a/\u202Eb\u0007", name: "b" }
  ])
})

it("follows what a text says, and never out of the workspace", () => {
  expect(resolvedPath("/w", "/w/docs", "./a.png")).toBe("/w/docs/a.png")
  expect(resolvedPath("/w", "/w/docs", "../img/a.png")).toBe("/w/img/a.png")
  expect(resolvedPath("/w", "/w/docs", "/img/a.png")).toBe("/w/img/a.png")
  expect(resolvedPath("/w", "/w/docs", "../../etc/passwd")).toBeNull()
})

it("finds a name that is free", () => {
  expect(freeName("a.txt", new Set())).toBe("a.txt")
  expect(freeName("a.txt", new Set(["a.txt", "a 2.txt"]))).toBe("a 3.txt")
  expect(freeName(".env", new Set([".env"]))).toBe(".env 2")
})

it("says why a name can't be one", () => {
  expect(wrongName("a b.ts")).toBeNull()
  for (const name of ["", "..", "a/b", "a\0b", "ä".repeat(128)]) expect(wrongName(name)).not.toBeNull()
})
