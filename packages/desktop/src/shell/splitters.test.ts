import type { WindowState, Zone } from "@choiros/protocol"
import { describe, expect, it } from "@effect/vitest"
import { splittersOf } from "./splitters.ts"

type Kind = Zone | "normal" | "maximized" | "hidden"

/** From bottom to top. */
const windows = (...kinds: ReadonlyArray<Kind>): ReadonlyArray<WindowState> =>
  kinds.map((kind, index) => ({
    id: `w${index}`,
    app_id: "logs",
    title: "",
    x: 0,
    y: 0,
    width: 500,
    height: 400,
    z_index: index + 1,
    hidden: kind === "hidden",
    maximized: kind === "maximized",
    zone: kind === "normal" || kind === "maximized" || kind === "hidden" ? null : kind,
    props: {}
  }))

describe("the lines between snapped windows", () => {
  it.each<[string, ReadonlyArray<Kind>, ReturnType<typeof splittersOf>]>([
    ["over the higher of the two", ["normal", "left", "right", "normal"], [{ at: "x", index: 2 }]],
    ["whichever that is", ["right", "normal", "top_left"], [{ at: "x", index: 2 }]],
    ["none beside nothing", ["left", "top_left", "normal"], []],
    ["none to what is hidden", ["left", "hidden"], []],
    ["between quarters", ["top_right", "bottom_right"], [{ at: "right", index: 1 }]],
    ["none under a maximized one", ["left", "right", "top_left", "bottom_left", "maximized"], []],
    ["nor where it covers one of them", ["left", "maximized", "right"], []],
    ["over a maximized one", ["maximized", "left", "right"], [{ at: "x", index: 2 }]],
    ["none between quarters that a half covers", ["top_left", "bottom_left", "left"], []]
  ])("%s", (_, kinds, places) => {
    expect(splittersOf(windows(...kinds))).toEqual(places)
  })
})
