import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { dwelling } from "./dwell.ts"

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it("shows what was near for 80 ms, and never what was only crossed", () => {
  const shown: Array<string | null> = []
  const approach = dwelling<string>((near) => shown.push(near))
  approach("left")
  vi.advanceTimersByTime(79)
  approach("left")
  expect(shown).toEqual([null])
  vi.advanceTimersByTime(1)
  expect(shown).toEqual([null, "left"])
  approach("top")
  vi.advanceTimersByTime(79)
  approach(null)
  vi.advanceTimersByTime(1_000)
  expect(shown).toEqual([null, "left", null, null])
})
