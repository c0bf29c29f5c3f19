import { expect, it } from "vitest"
import { keyNames, keysInWords } from "./keyNames.ts"

it("names keys as the platform does", () => {
  expect(keysInWords("Mod+K", true)).toBe("⌘K")
  expect(keysInWords("Mod+K", false)).toBe("Ctrl K")
  expect(keysInWords("Mod+Alt+ArrowLeft", false)).toBe("Ctrl Alt ←")
  expect(keysInWords("Alt+Backquote", true)).toBe("⌥`")
  expect(keysInWords("Mod+.", false)).toBe("Ctrl .")
})

it("knows the plus key, and a key that it has no name for", () => {
  expect(keyNames("Mod++", false)).toEqual(["Ctrl", "+"])
  expect(keyNames("+", false)).toEqual(["+"])
  expect(keyNames("F5", false)).toEqual(["F5"])
  expect(keyNames("j", false)).toEqual(["J"])
})
