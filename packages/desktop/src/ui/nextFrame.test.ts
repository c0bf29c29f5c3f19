import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { handLetsGo, handMoves, nextFrame } from "./nextFrame.ts"

const listeners: Array<() => void> = []
const page = {
  visibilityState: "visible" as "visible" | "hidden",
  addEventListener: (_: string, listener: () => void) => listeners.push(listener)
}
/** Milliseconds from one frame to the next. */
const frame = 16

beforeEach(() => {
  vi.useFakeTimers()
  page.visibilityState = "visible"
  vi.stubGlobal("document", page)
  // A page that is hidden has no frames.
  vi.stubGlobal("requestAnimationFrame", (then: () => void) =>
    setTimeout(() => page.visibilityState === "visible" && then(), frame)
  )
  vi.stubGlobal("cancelAnimationFrame", (one: number) => clearTimeout(one))
})
afterEach(() => {
  handLetsGo()
  vi.runAllTimers()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** How often something is drawn meanwhile that wants to be drawn again as soon as it was. */
const drawnIn = (meanwhile: () => void): number => {
  let times = 0
  let over = false
  const again = () => {
    times += 1
    if (!over) nextFrame(again)
  }
  nextFrame(again)
  meanwhile()
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

/** A hand that moves with every frame, for so many milliseconds. */
const moveFor = (milliseconds: number): void => {
  for (let past = 0; past < milliseconds; past += frame) {
    handMoves()
    vi.advanceTimersByTime(frame)
  }
}

it("draws now and then beside a hand that goes on", () => {
  handMoves()
  const times = drawnIn(() => moveFor(12_000))
  expect(times).toBeGreaterThanOrEqual(2)
  expect(times).toBeLessThanOrEqual(3)
})

it("draws what waits for a hand when the hand rests, and goes on until it moves again", () => {
  handMoves()
  const drawn: Array<string> = []
  nextFrame(() => drawn.push("held"))
  moveFor(500)
  expect(drawn).toEqual([])
  vi.advanceTimersByTime(300)
  expect(drawn).toEqual(["held"])
  nextFrame(() => drawn.push("at rest"))
  vi.advanceTimersByTime(frame)
  expect(drawn).toEqual(["held", "at rest"])
  handMoves()
  nextFrame(() => drawn.push("held again"))
  moveFor(500)
  expect(drawn).toEqual(["held", "at rest"])
})

it("draws what waits for a hand at once when the hand lets go", () => {
  handMoves()
  let drawn = false
  nextFrame(() => {
    drawn = true
  })
  moveFor(50)
  expect(drawn).toBe(false)
  handLetsGo()
  vi.advanceTimersByTime(frame)
  expect(drawn).toBe(true)
})

it("draws what there is more of with the frames after, also beside a hand", () => {
  handMoves()
  let parts = 0
  nextFrame(() => {
    parts += 1
    return parts < 3
  })
  handLetsGo()
  handMoves()
  moveFor(5 * frame)
  expect(parts).toBe(3)
})

it("goes on where the page was hidden after a frame was asked for, and once a frame when it is back", () => {
  let drawn = 0
  const again = () => {
    drawn += 1
    return drawn < 20
  }
  nextFrame(again)
  page.visibilityState = "hidden"
  for (const tell of listeners) tell()
  vi.advanceTimersByTime(250)
  expect(drawn).toBeGreaterThanOrEqual(2)
  const before = drawn
  page.visibilityState = "visible"
  for (const tell of listeners) tell()
  vi.advanceTimersByTime(5 * frame)
  expect(drawn - before).toBe(5)
})

it("goes on while the page is hidden, and paints nothing", () => {
  page.visibilityState = "hidden"
  expect(drawnIn(() => vi.advanceTimersByTime(1_000))).toBeGreaterThanOrEqual(9)
})
