import { expect, it } from "vitest"
import { changeBetween } from "./change.ts"

const apply = (text: string, { from, insert, to }: { from: number; to: number; insert: string }) =>
  text.slice(0, from) + insert + text.slice(to)

it("finds the one place that differs", () => {
  expect(changeBetween("abc", "abc")).toBeNull()
  expect(changeBetween("abc", "abXc")).toEqual({ from: 2, to: 2, insert: "X" })
  expect(changeBetween("aaa", "aa")).toEqual({ from: 2, to: 3, insert: "" })
  expect(changeBetween("", "x")).toEqual({ from: 0, to: 0, insert: "x" })
})

it("makes the other text, whatever the two are", () => {
  const texts = ["", "a", "aa", "ab", "ba", "aba", "abab", "bab\n", "ab\nba", "abba"]
  for (const before of texts) {
    for (const after of texts) {
      const change = changeBetween(before, after)
      expect(change === null ? before : apply(before, change)).toBe(after)
    }
  }
})
