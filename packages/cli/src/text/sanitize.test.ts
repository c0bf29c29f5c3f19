import { describe, expect, it } from "@effect/vitest"
import { oneLine, sanitize } from "./sanitize.ts"

describe("sanitize", () => {
  it.each([
    ["plain text\nof two lines", "plain text\nof two lines"],
    ["\x1b[31mred\x1b[0m", "red"],
    ["\x1b[2J\x1b[1;1Hhome\x1b[?1049h", "home"],
    ["a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\c", "ablinkc"],
    ["\x1bP1;2qdata\x1b\\after", "after"],
    ["\x9b31mred\x9d0;title\x9cdone", "reddone"],
    ["cut off \x1b[3", "cut off "],
    ["cut off \x1b]0;and the words stay", "cut off 0;and the words stay"],
    ["\x1b]0;never\nhides the next line", "0;never\nhides the next line"],
    ["bell\x07 back\x08space\x00 del\x7f", "bell backspace del"],
    ["one\r\ntwo\rthree", "one\ntwo\nthree"],
    ["a\tb", "a    b"],
    ["user\u202egnp.exe\u202c", "usergnp.exe"],
    ["日本語 👩‍👩‍👧 é", "日本語 👩‍👩‍👧 é"],
    ["half \ud83d", "half \ufffd"]
  ])("%j is shown as %j", (text, shown) => {
    expect(sanitize(text)).toBe(shown)
  })

  it("leaves no control character but the line break, whatever comes", () => {
    for (let seed = 1; seed < 3_000; seed++) {
      const text = Array.from(
        { length: 12 },
        (_, index) => pieces[(seed * (index + 7) * 2_654_435_761) % pieces.length]
      ).join("")
      expect(sanitize(text)).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]*$/)
    }
  })

  it("is one line where one is asked for", () => {
    expect(oneLine("  a\n b\t\x1b[1mc ")).toBe("a b c")
  })
})

const pieces = [
  "\x1b",
  "[",
  "]",
  "0;",
  "m",
  "\x07",
  "\\",
  "\x9b",
  "\x9d",
  "\x9c",
  "P",
  "a",
  " ",
  "\n",
  "\r",
  "é",
  "\u202e",
  "\x1b[",
  "?"
]
