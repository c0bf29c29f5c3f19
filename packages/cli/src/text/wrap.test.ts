import { describe, expect, it } from "@effect/vitest"
import { cut, paint, span, widthOf, widthOfRow } from "./Span.ts"
import { wrap } from "./wrap.ts"

const rowsOf = (text: string, width: number) =>
  wrap([{ text, sgr: "", at: 0 }], width).map(({ row }) => paint(row, false))

describe("wrap", () => {
  it.each([
    ["the quick brown fox", 10, ["the quick", "brown fox"]],
    ["exactly ten", 11, ["exactly ten"]],
    ["abcdefghij", 4, ["abcd", "efgh", "ij"]],
    ["to abcdefghij", 4, ["to", "abcd", "efgh", "ij"]],
    ["", 4, [""]],
    ["日本語のテキスト", 7, ["日本語", "のテキ", "スト"]],
    ["two  spaces", 20, ["two  spaces"]]
  ])("%j in %i columns", (text, width, rows) => {
    expect(rowsOf(text, width)).toEqual(rows)
  })

  it("never goes beyond the width, loses nothing, and settles rows before the last for good", () => {
    const text =
      "Words of 幅の広い several kinds, averyveryverylongwordwithoutanyspace, and 👩‍👩‍👧 é — to the end of it all."
    for (let width = 2; width < 60; width++) {
      const rows = wrap([{ text, sgr: "", at: 0 }], width)
      for (const { row } of rows) expect(widthOfRow(row)).toBeLessThanOrEqual(width)
      expect(
        rows
          .map(({ row }) => paint(row, false))
          .join("")
          .replaceAll(" ", "")
      ).toBe(text.replaceAll(" ", ""))
      for (const { at, row } of rows) expect(text.slice(at)).toMatch(new RegExp(`^ *${literal(paint(row, false))}`))
      const grown = wrap([{ text: `${text} And more of it.`, sgr: "", at: 0 }], width)
      expect(grown.slice(0, rows.length - 1)).toEqual(rows.slice(0, -1))
    }
  })

  it("hangs, and keeps looks apart", () => {
    const rows = wrap(
      [
        { text: "plain ", sgr: "", at: 2 },
        { text: "bold words", sgr: "1", at: 10 }
      ],
      12,
      { first: [span("• ")], rest: [span("  ")] }
    )
    expect(rows.map(({ row }) => paint(row, true))).toEqual(["• plain \x1b[1mbold\x1b[0m", "  \x1b[1mwords\x1b[0m"])
    expect(rows.map(({ at }) => at)).toEqual([2, 15])
  })
})

it("knows how wide a text is", () => {
  expect(["abc", "日本", "é", "e\u0301", "👩‍👩‍👧", "❤️", "\u200b", "한국"].map(widthOf)).toEqual([
    3, 4, 1, 1, 2, 2, 0, 4
  ])
  expect([cut("abcdef", 4), cut("abcd", 4), cut("日本語", 5), cut("abc", 0)]).toEqual(["abc…", "abcd", "日本…", ""])
})

const literal = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")
