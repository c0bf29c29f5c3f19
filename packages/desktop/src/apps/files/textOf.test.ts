import { expect, it } from "vitest"
import { textOf } from "./textOf.ts"

it("tells text from bytes, also where a character is cut", () => {
  const bytes = new TextEncoder().encode("añ")
  expect(textOf(bytes, true)).toBe("añ")
  expect(textOf(bytes.subarray(0, 2), false)).toBe("a")
  expect(textOf(bytes.subarray(0, 2), true)).toBeNull()
  expect(textOf(new Uint8Array([97, 0]), false)).toBeNull()
  expect(textOf(new Uint8Array([0xff, 0xfe]), false)).toBeNull()
})
