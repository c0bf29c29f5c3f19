import type { WindowState } from "@choiros/protocol"
import { describe, expect, it } from "vitest"
import { layoutOf, placeOf, placeRect } from "./layout.ts"

const window = (id: string, hidden = false): WindowState => ({
  id,
  app_id: "files",
  title: id,
  x: 0,
  y: 0,
  width: 400,
  height: 300,
  z_index: 1,
  hidden,
  maximized: false,
  zone: null,
  props: {}
})

describe("layoutOf", () => {
  it.each([
    [320, "compact"],
    [639, "compact"],
    [640, "panes"],
    [1023, "panes"],
    [1024, "windows"],
    [1440, "windows"]
  ])("of %i pixels is %s", (width, layout) => {
    expect(layoutOf(width)).toBe(layout)
  })
})

describe("placeOf", () => {
  it("leaves windows that float to themselves", () => {
    expect(placeOf("windows", [window("a")], "a")).toBe("free")
  })

  it("shows the top window alone on a phone, and no minimized one", () => {
    const windows = [window("a"), window("b"), window("c", true)]
    expect(["a", "b", "c"].map((id) => placeOf("compact", windows, id))).toEqual(["none", "whole", "none"])
  })

  it("keeps two panes where they are when the other one is raised", () => {
    const before = [window("c"), window("a"), window("b")]
    const after = [window("c"), window("b"), window("a")]
    for (const windows of [before, after]) {
      expect(["a", "b", "c"].map((id) => placeOf("panes", windows, id))).toEqual(["left", "right", "none"])
    }
  })

  it("gives one window both panes", () => {
    expect(placeOf("panes", [window("a", true), window("b")], "b")).toBe("whole")
  })
})

describe("placeRect", () => {
  it("covers the area, without a gap and without overlap", () => {
    const area = { width: 801, height: 600 }
    const left = placeRect("left", area, { x: 0.5, y: 0.5 })
    const right = placeRect("right", area, { x: 0.5, y: 0.5 })
    expect(left.x + left.width).toBe(right.x)
    expect(left.width + right.width).toBe(801)
  })
})
