import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { nextFrame, setHandMoving } from "./nextFrame.ts"

const page = { visibilityState: "visible" as "visible" | "hidden" }
/** Milliseconds from one frame to the next. */
const frame = 16

beforeEach(() => {
  vi.useFakeTimers()
  page.visibilityState = "visible"
  vi.stubGlobal("document", page)
  vi.stubGlobal("requestAnimationFrame", (then: () => void) => setTimeout(then, frame))
})
afterEach(() => {
  setHandMoving(false)
  vi.runAllTimers()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Something that wants to be drawn again as soon as it was, for so many milliseconds; how often it was. */
const drawnIn = (milliseconds: number): number => {
  let times = 0
  let over = false
  const again = () => {
    times += 1
    if (!over) nextFrame(again)
  }
  nextFrame(again)
  vi.advanceTimersByTime(milliseconds)
  over = true
  return times
}

it("draws all that waits with the next frame, once", () => {
  const drawn: Array<string> = []
  nextFrame(() => drawn.push("a"))
  nextFrame(() => drawn.push("b"))
  nextFrame(() => drawn.push("c"))()
  expect(drawn).toEqual([])
  vi.advanceTimersByTime(frame)
  expect(drawn).toEqual(["a", "b"])
  vi.advanceTimersByTime(100)
  expect(drawn).toEqual(["a", "b"])
})

it("draws ten times a second beside a hand", () => {
  setHandMoving(true)
  const times = drawnIn(1_000)
  expect(times).toBeGreaterThanOrEqual(9)
  expect(times).toBeLessThanOrEqual(12)
})

it("draws what waits for a hand at once when the hand rests", () => {
  setHandMoving(true)
  let drawn = false
  nextFrame(() => {
    drawn = true
  })
  vi.advanceTimersByTime(50)
  expect(drawn).toBe(false)
  setHandMoving(false)
  vi.advanceTimersByTime(frame)
  expect(drawn).toBe(true)
})

it("goes on while the page is hidden, and paints nothing", () => {
  page.visibilityState = "hidden"
  expect(drawnIn(1_000)).toBeGreaterThanOrEqual(9)
})
