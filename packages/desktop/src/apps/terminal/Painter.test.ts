import { describe, expect, it } from "@effect/vitest"
import { Painter } from "./Painter.ts"

/**
 * A surface that takes a millisecond a piece, and a page whose paints are asked for by hand. `wait`: milliseconds until the
 * surface begins with what comes while it has nothing to do.
 */
const page = (wait = 0) => {
  const done: Array<string> = []
  const drawn: Array<number> = []
  const paints: Array<() => void> = []
  let now = 0
  let depth = 0
  const painter = new Painter(
    {
      write: (data, then) => {
        now += depth === 0 ? wait + 1 : 1
        depth += 1
        done.push(data)
        then()
        depth -= 1
      },
      reset: () => done.push("reset")
    },
    { now: () => now, slice: () => 4, begin: (then) => then(), afterPaint: (then) => paints.push(then) },
    (offset) => drawn.push(offset)
  )
  const paintAll = () => {
    for (let paint = paints.shift(); paint !== undefined; paint = paints.shift()) paint()
  }
  return { done, drawn, painter, paintAll, paints }
}

describe("the painter", () => {
  it("draws at once what is short, and tells how far", () => {
    const { done, drawn, painter } = page()
    painter.push("a", 1)
    painter.push("b", 2)
    painter.push("c", 3)
    expect(done.join("")).toBe("abc")
    expect(drawn).toEqual([1, 2, 3])
  })

  it("gives the page a paint after a slice, and loses nothing of a flood", () => {
    const { done, drawn, painter, paintAll, paints } = page()
    const flood = Array.from({ length: 100_000 }, (_, at) => String(at % 10)).join("")
    painter.push(flood, 100_000)
    expect(done.join("").length).toBeLessThan(25_000)
    expect(paints.length).toBe(1)
    expect(drawn).toEqual([])
    paintAll()
    expect(done.join("")).toBe(flood)
    expect(drawn).toEqual([100_000])
  })

  it("draws as much in a slice however long the page made it wait", () => {
    const flood = "x".repeat(400_000)
    const [prompt, late] = [page(), page(50)]
    prompt.painter.push(flood, null)
    late.painter.push(flood, null)
    expect(late.done.length).toBe(prompt.done.length)
    expect(late.done.length).toBeGreaterThan(3)
  })

  it("drops what waits when a whole screen comes, but not a size among it", () => {
    const { done, drawn, painter, paintAll } = page()
    painter.push("x".repeat(50_000), 50_000)
    painter.after(() => done.push("sized"))
    const before = done.length
    painter.push("screen", 60_000, true)
    paintAll()
    expect(done.slice(before)).toEqual(["sized", "reset", "screen"])
    expect(drawn).toEqual([60_000])
  })

  it("does in its turn what is to be done among the output", () => {
    const { done, painter, paintAll } = page()
    painter.push("x".repeat(50_000), null)
    painter.after(() => done.push("sized"))
    painter.push("y", null)
    paintAll()
    expect(done.slice(-2)).toEqual(["sized", "y"])
  })

  it("draws nothing after it was closed", () => {
    const { done, drawn, painter, paintAll } = page()
    painter.push("x".repeat(50_000), 50_000)
    const before = done.length
    painter.close()
    paintAll()
    expect(done.length).toBe(before)
    expect(drawn).toEqual([])
  })
})
