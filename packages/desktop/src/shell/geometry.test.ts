import type { WindowState } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { boundsToStore, clamped, middle, rectOf, resized, snapAt, torn, whileDragged, zoneRect } from "./geometry.ts"

const area = { width: 1200, height: 800 }
const window: WindowState = {
  id: "w",
  app_id: "chat",
  title: "Chat",
  x: 100,
  y: 120,
  width: 500,
  height: 400,
  z_index: 1,
  hidden: false,
  maximized: false,
  zone: null,
  props: {}
}
const pixels = Schema.Int.check(Schema.isBetween({ minimum: -5_000, maximum: 5_000 }))
const sizes = Schema.Int.check(Schema.isBetween({ minimum: 200, maximum: 4_000 }))

describe("where a window is drawn", () => {
  it("as it is, where it fits", () => {
    expect(rectOf(window, area, middle)).toEqual({ x: 100, y: 120, width: 500, height: 400 })
  })

  it("maximized it is the whole area, and in a zone the zone", () => {
    expect(rectOf({ ...window, maximized: true, zone: "left" }, area, middle)).toEqual({ x: 0, y: 0, ...area })
    expect(rectOf({ ...window, zone: "right" }, area, middle)).toEqual({ x: 600, y: 0, width: 600, height: 800 })
  })

  it.prop(
    "always within reach: no larger than the area, its title bar on it",
    [pixels, pixels, sizes, sizes],
    ([x, y, width, height]) => {
      const rect = clamped({ x, y, width, height }, area)
      expect(rect.width).toBeLessThanOrEqual(area.width)
      expect(rect.height).toBeLessThanOrEqual(area.height)
      expect(rect.y).toBeGreaterThanOrEqual(0)
      expect(rect.y).toBeLessThan(area.height)
      expect(rect.x).toBeLessThan(area.width)
      expect(rect.x + rect.width).toBeGreaterThan(0)
    }
  )

  it.prop("drawing what was drawn changes nothing", [pixels, pixels, sizes, sizes], ([x, y, width, height]) => {
    const once = clamped({ x, y, width, height }, area)
    expect(clamped(once, area)).toEqual(once)
  })
})

describe("zones", () => {
  it("halves and quarters cover the area, without a gap and without an overlap", () => {
    const split = { x: 0.37, y: 0.61 }
    const covered = (["top_left", "top_right", "bottom_left", "bottom_right"] as const)
      .map((zone) => zoneRect(zone, area, split))
      .reduce((sum, { height, width }) => sum + width * height, 0)
    expect(covered).toBe(area.width * area.height)
    expect(zoneRect("left", area, split).width + zoneRect("right", area, split).width).toBe(area.width)
  })

  it.each([
    [{ x: 5, y: 400 }, "left"],
    [{ x: 1195, y: 400 }, "right"],
    [{ x: 600, y: 3 }, "maximized"],
    [{ x: 3, y: 40 }, "top_left"],
    [{ x: 1199, y: 790 }, "bottom_right"],
    [{ x: 600, y: 799 }, null],
    [{ x: 13, y: 400 }, null]
  ])("at %j it is %s", (pointer, zone) => {
    expect(snapAt(pointer, area)).toBe(zone)
  })
})

describe("resizing", () => {
  const from = { x: 100, y: 100, width: 400, height: 300 }
  const least = { width: 320, height: 200 }
  const handles = Schema.Literals(["n", "s", "e", "w", "ne", "nw", "se", "sw"])

  it.prop("the opposite side stays, and the minimum holds", [handles, pixels, pixels], ([handle, dx, dy]) => {
    const to = resized(from, handle, dx, dy, least, area)
    expect(to.width).toBeGreaterThanOrEqual(least.width)
    expect(to.height).toBeGreaterThanOrEqual(least.height)
    expect(to.y).toBeGreaterThanOrEqual(0)
    if (handle.includes("e")) expect(to.x).toBe(from.x)
    if (handle.includes("w")) expect(to.x + to.width).toBe(from.x + from.width)
    if (handle.includes("s")) expect(to.y).toBe(from.y)
    if (handle.includes("n")) expect(to.y + to.height).toBe(from.y + from.height)
  })
})

describe("what a resize stores", () => {
  const small = { width: 900, height: 300 }
  const large = { ...window, x: 2_000, y: 900, width: 1_000, height: 640 }
  const least = { width: 360, height: 320 }
  const by = (stored: WindowState, handle: "e" | "s" | "w" | "n" | "nw" | "sw", dx: number, dy: number) => {
    const shown = rectOf(stored, small, middle)
    return boundsToStore(stored, shown, resized(shown, handle, dx, dy, { width: 360, height: 200 }, small))
  }

  it("is what the hand has changed; what is only drawn smaller, or further in, stays", () => {
    expect(rectOf(large, small, middle)).toEqual({ x: 804, y: 264, width: 900, height: 300 })
    expect(by(large, "e", -100, 0)).toEqual({ width: 800, height: 640 })
    expect(by(large, "w", 50, 0)).toEqual({ width: 850, height: 640, x: 854 })
    expect(by(large, "s", 0, -40)).toEqual({ width: 1_000, height: 260 })
    expect(by(large, "n", 0, 30)).toEqual({ width: 1_000, height: 270, y: 294 })
    expect(by(large, "sw", 50, 0)).toEqual({ width: 850, height: 640, x: 854 })
    expect(by(large, "nw", 0, 30)).toEqual({ width: 1_000, height: 270, y: 294 })
  })

  it("is nothing where the screen has no room for more", () => {
    expect(by(large, "e", 100, 0)).toBeNull()
  })

  it("is all that was drawn, where it leaves its zone by that", () => {
    expect(by({ ...large, zone: "left" }, "e", -50, 0)).toEqual({ x: 0, y: 0, width: 400, height: 300 })
  })

  it.prop("never under the app's minimum", [pixels, pixels], ([dx, dy]) => {
    const shown = rectOf(window, area, middle)
    const stored = boundsToStore(window, shown, resized(shown, "nw", dx, dy, least, area))
    expect(stored?.width ?? least.width).toBeGreaterThanOrEqual(least.width)
    expect(stored?.height ?? least.height).toBeGreaterThanOrEqual(least.height)
  })
})

describe("torn from its zone", () => {
  it("the place under the pointer stays under it", () => {
    const shown = { x: 0, y: 0, width: 1200, height: 800 }
    const rect = torn(shown, { width: 400, height: 300 }, { x: 900, y: 10 })
    expect((900 - rect.x) / rect.width).toBeCloseTo(900 / 1200)
    expect(rect).toMatchObject({ width: 400, height: 300, y: 0 })
  })
})

describe("dragged on another screen", () => {
  const drawn = (one: WindowState, drag: { x: number; y: number; width?: number; height?: number } | undefined) =>
    whileDragged(one, rectOf(one, area, middle), drag)

  it("is drawn where it is there, in the size that it has there", () => {
    expect(drawn(window, undefined)).toEqual({ x: 100, y: 120, width: 500, height: 400 })
    expect(drawn(window, { x: 300, y: 20 })).toEqual({ x: 300, y: 20, width: 500, height: 400 })
    expect(drawn(window, { x: 90, y: 20, width: 510, height: 500 })).toEqual({ x: 90, y: 20, width: 510, height: 500 })
  })

  it("stays where it was maximized or snapped meanwhile, unless it is torn off there", () => {
    const maximized = { ...window, maximized: true }
    expect(drawn(maximized, { x: 300, y: 20 })).toEqual({ x: 0, y: 0, ...area })
    expect(drawn({ ...window, zone: "left" }, { x: 300, y: 20 })).toEqual({ x: 0, y: 0, width: 600, height: 800 })
    const torn = { x: 300, y: 20, width: 500, height: 400 }
    expect(drawn(maximized, torn)).toEqual(torn)
  })
})
