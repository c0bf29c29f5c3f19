import { describe, expect, it } from "vitest"
import { bytes, calendarDate, clockTime, count, counted, duration, money, relativeTime, tokens } from "./format.ts"

const local = (...parts: [number, number, number, number, number, number]) => new Date(...parts)
const now = local(2026, 2, 12, 14, 5, 9).getTime()
const before = (ms: number) => new Date(now - ms).toISOString()

const minute = 60_000
const hour = 60 * minute

describe("relativeTime", () => {
  it.each([
    [0, "now"],
    [4_999, "now"],
    [5_000, "5 s ago"],
    [59_999, "59 s ago"],
    [minute, "1 min ago"],
    [hour - 1, "59 min ago"],
    [hour, "1 h ago"],
    [24 * hour - 1, "23 h ago"],
    [24 * hour, "yesterday"],
    // Past the midnight before last, however few hours that is.
    [39 * hour, "2 days ago"],
    [6 * 24 * hour, "6 days ago"],
    [8 * 24 * hour, "4 Mar"],
    [100 * 24 * hour, "2 Dec 2025"],
    [-3 * minute, "in 3 min"],
    [-24 * hour, "tomorrow"]
  ])("says %d ms before now as %j", (ms, words) => {
    expect(relativeTime(before(ms), now)).toBe(words)
  })

  it("says nothing of what is no time", () => {
    expect([relativeTime("soon", now), clockTime(""), calendarDate("x", now)]).toEqual(["", "", ""])
  })
})

it("tells the time of day", () => {
  const at = local(2026, 0, 2, 4, 5, 9).toISOString()
  expect([clockTime(at), clockTime(at, true)]).toEqual(["04:05", "04:05:09"])
})

it.each([
  [0, "0 s"],
  [9, "0 s"],
  [42.4, "42 ms"],
  [99.6, "0.1 s"],
  [100, "0.1 s"],
  [4_100, "4.1 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min 00 s"],
  [123_000, "2 min 03 s"],
  [3_599_600, "1 h 00 min"],
  [3_840_000, "1 h 04 min"],
  [51 * 3_600_000, "2 d 3 h"],
  [-5, "0 s"],
  [Number.NaN, "0 s"]
])("duration of %d ms is %j", (ms, words) => {
  expect(duration(ms)).toBe(words)
})

it.each([
  [0, "$0"],
  [0.004, "<$0.01"],
  [0.42, "$0.42"],
  [12, "$12.00"],
  [999.996, "$1,000"],
  [1_204.4, "$1,204"],
  [-0.5, "-$0.50"]
])("money: %d is %j", (usd, words) => {
  expect(money(usd)).toBe(words)
})

it.each([
  [0, "0"],
  [812, "812"],
  [999.5, "1k"],
  [1_000, "1k"],
  [1_234, "1.2k"],
  [9_960, "10k"],
  [34_400, "34k"],
  [999_499, "999k"],
  [999_500, "1M"],
  [1_230_000, "1.2M"]
])("tokens: %d is %j", (n, words) => {
  expect(tokens(n)).toBe(words)
})

it.each([
  [0, "0 B"],
  [812, "812 B"],
  [1_023, "1023 B"],
  [1_024, "1 KB"],
  [1_229, "1.2 KB"],
  [1_048_575, "1 MB"],
  [34 * 1024 ** 2, "34 MB"],
  [5 * 1024 ** 5, "5120 TB"]
])("bytes: %d is %j", (n, words) => {
  expect(bytes(n)).toBe(words)
})

it("counts", () => {
  expect([count(7), count(1_204), count(1_234_567), count(-1_204)]).toEqual(["7", "1,204", "1,234,567", "-1,204"])
  expect([counted(1, "file"), counted(3, "file"), counted(2, "reply", "replies")]).toEqual([
    "1 file",
    "3 files",
    "2 replies"
  ])
})
