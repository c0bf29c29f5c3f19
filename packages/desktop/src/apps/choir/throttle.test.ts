import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { throttle } from "./throttle.ts"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** What was there when it was drawn, and when, in milliseconds. */
const drawing = () => {
  const began = performance.now()
  const drawn: Array<readonly [value: number, at: number]> = []
  let value = 0
  const { changed, stop } = throttle(() => drawn.push([value, performance.now() - began]), 250)
  return {
    drawn,
    stop,
    change: () => {
      value += 1
      changed()
    }
  }
}

it("a storm of changes is drawn four times a second, and its last one too", () => {
  const { change, drawn } = drawing()
  for (let at = 0; at < 1_000; at += 5) {
    change()
    vi.advanceTimersByTime(5)
  }
  expect(drawn.length).toBeLessThanOrEqual(5)
  expect(drawn.length).toBeGreaterThanOrEqual(4)
  vi.advanceTimersByTime(1_000)
  expect(drawn.at(-1)?.[0]).toBe(200)
  for (const [index, [, at]] of drawn.entries()) {
    if (index > 0) expect(at - (drawn[index - 1]?.[1] ?? 0)).toBeGreaterThanOrEqual(250)
  }
})

it("after a rest a change is drawn at once, and nothing is drawn where nothing has changed", () => {
  const { change, drawn } = drawing()
  change()
  vi.advanceTimersByTime(0)
  expect(drawn).toEqual([[1, 0]])
  vi.advanceTimersByTime(5_000)
  expect(drawn).toHaveLength(1)
  change()
  vi.advanceTimersByTime(0)
  expect(drawn.at(-1)).toEqual([2, 5_000])
})

it("what is stopped draws no more", () => {
  const { change, drawn, stop } = drawing()
  change()
  stop()
  vi.advanceTimersByTime(1_000)
  expect(drawn).toEqual([])
})
