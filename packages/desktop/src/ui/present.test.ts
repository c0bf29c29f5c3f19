import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { heardTime, present } from "./present.ts"

const here = Date.parse("2026-01-01T12:00:00Z")
const hour = 3_600_000

const answered = (computer: number, took = 10): void => {
  const asked = Date.now()
  vi.advanceTimersByTime(took)
  heardTime(new Date(computer).toUTCString(), asked)
}

beforeEach(() => {
  vi.useFakeTimers({ now: here })
})
afterEach(() => {
  answered(Date.now())
  vi.useRealTimers()
})

it("is the computer's, where this browser's clock is another", () => {
  answered(here + hour)
  expect(Math.abs(present() - (here + hour))).toBeLessThan(1_000)
  answered(here - hour)
  expect(Math.abs(present() - (here - hour))).toBeLessThan(1_000)
  answered(here)
  expect(present()).toBe(Date.now())
})

it("does not jump by what the way takes", () => {
  answered(here + 1_900)
  expect(present()).toBe(Date.now())
  answered(here + hour)
  const before = present() - Date.now()
  answered(here + hour + 1_000)
  expect(present() - Date.now()).toBe(before)
})

it("learns nothing from a late answer, or one that says no time", () => {
  answered(here - 5_000, 5_000)
  heardTime(null, Date.now())
  heardTime("soon", Date.now())
  expect(present()).toBe(Date.now())
})
