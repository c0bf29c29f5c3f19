import { expect, it } from "@effect/vitest"
import { type CleanText, cleanText, collapseReturns, TextCleaner } from "./cleanText.ts"

const inPieces = (bytes: Uint8Array, sizes: ReadonlyArray<number>): CleanText => {
  const cleaner = new TextCleaner()
  const parts: Array<CleanText> = []
  let at = 0
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    parts.push(cleaner.push(bytes.subarray(at, at + size)))
    at += size
  }
  parts.push(cleaner.end())
  return { plain: parts.map((part) => part.plain).join(""), shown: parts.map((part) => part.shown).join("") }
}

const sample =
  "plain \u001b[1;31mred\u001b[0m, \u001b]0;a title\u0007and \u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\\r\n" +
  "\u001b[2J\u001b[3;4Hmoved \u001b[6n\u001b[>c\u001b[?1049h\u001bP+q544e\u001b\\asked\u001b(B\u001b7\u001b8\u0007\b\n" +
  "10%\r20%\rdone 😀 — ünïcödé\ttab\r\n\u009b31mC1"

it("leaves text for a model, and text with colours for a terminal", () => {
  const { plain, shown } = cleanText(sample)

  expect(plain).toBe("plain red, and link\nmoved asked\n10%\r20%\rdone 😀 — ünïcödé\ttab\n31mC1")
  expect(shown).toBe(
    "plain \u001b[1;31mred\u001b[0m, and link\r\nmoved asked\r\n10%\r20%\rdone 😀 — ünïcödé\ttab\r\n31mC1"
  )
})

it("gives the same text however the bytes are cut", () => {
  const bytes = new TextEncoder().encode(sample)
  const whole = cleanText(sample)
  for (const sizes of [[1], [2], [3], [5], [7, 1], [1, 30], [4, 9, 2], [1000]]) {
    expect(inPieces(bytes, sizes)).toEqual(whole)
  }
})

it("takes bytes that are no UTF-8", () => {
  const bytes = Buffer.from([0x61, 0xff, 0xfe, 0x62, 0xe2, 0x82, 0x0a, 0xf0, 0x9f])

  const { plain } = inPieces(bytes, [1])

  expect(plain).toBe("a\ufffd\ufffdb\ufffd\n\ufffd")
})

it("lets go of a sequence that never ends", () => {
  const endless = `\u001b]0;${"x".repeat(20_000)}`

  const { plain } = inPieces(Buffer.from(`before ${endless} after`), [512])

  expect(plain.startsWith("before ")).toBe(true)
  expect(plain.endsWith(" after")).toBe(true)
})

it("shows of a line that was written over what a terminal would", () => {
  expect(collapseReturns("1%\r50%\r100%\nnext\r\nplain")).toBe("100%\nnext\nplain")
})
