import { expect, it } from "vitest"
import { lineEndsOf } from "./lineEnds.ts"

it("knows how lines end, and when they don't agree", () => {
  expect(lineEndsOf("a\nb")).toBe("\n")
  expect(lineEndsOf("a")).toBe("\n")
  expect(lineEndsOf("a\r\nb\r\n")).toBe("\r\n")
  expect(lineEndsOf("a\r\nb\n")).toBe("mixed")
  expect(lineEndsOf("\na\r\n")).toBe("mixed")
  expect(lineEndsOf("a\rb\r\n")).toBe("mixed")
})
