import { expect, it } from "vitest"
import { hexLines } from "./hex.ts"

it("draws sixteen bytes a line, and what is no letter as a point", () => {
  const bytes = new Uint8Array([...new TextEncoder().encode("<script>"), 0, 255, 10, 65, 66, 67, 68, 69, 70])
  expect(hexLines(bytes)).toEqual([
    {
      offset: "00000000",
      hex: "3c 73 63 72 69 70 74 3e  00 ff 0a 41 42 43 44 45",
      text: "<script>···ABCDE"
    },
    { offset: "00000010", hex: `46${" ".repeat(46)}`, text: "F" }
  ])
  expect(hexLines(new Uint8Array())).toEqual([])
})
