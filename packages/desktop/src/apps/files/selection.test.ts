import { expect, it } from "vitest"
import { all, extended, kept, moved, nothing, only, toggled } from "./selection.ts"

const order = ["a", "b", "c", "d", "e"]
const shown = ({ paths }: { readonly paths: ReadonlySet<string> }) => [...paths].sort().join("")

it("selects one, more by Ctrl, a range by Shift", () => {
  expect(shown(only("b"))).toBe("b")
  expect(shown(toggled(only("b"), "d"))).toBe("bd")
  expect(shown(toggled(toggled(only("b"), "d"), "b"))).toBe("d")
  const range = extended(only("b"), order, "d")
  expect(shown(range)).toBe("bcd")
  expect(shown(extended(range, order, "a"))).toBe("ab")
  expect(shown(extended(nothing, order, "c"))).toBe("c")
})

it("moves within the list, and extends from where it began", () => {
  expect(moved(nothing, order, 1, false).cursor).toBe("a")
  expect(moved(nothing, order, -1, false).cursor).toBe("e")
  expect(moved(only("d"), order, 9, false).cursor).toBe("e")
  expect(moved(nothing, order, 5, false).cursor).toBe("e")
  expect(moved(nothing, order, -5, false).cursor).toBe("a")
  const down = moved(moved(only("b"), order, 1, true), order, 1, true)
  expect(shown(down)).toBe("bcd")
  expect(shown(moved(down, order, -1, true))).toBe("bc")
  expect(moved(only("a"), [], 1, false)).toEqual(nothing)
})

it("selects all, and keeps its cursor", () => {
  expect(shown(all(only("c"), order))).toBe("abcde")
  expect(all(only("c"), order).cursor).toBe("c")
})

it("forgets what is gone, and goes on at the same place", () => {
  const selection = only("c")
  expect(kept(selection, order, ["a", "b", "c"])).toBe(selection)
  expect(kept(selection, order, ["a", "b", "d", "e"]).cursor).toBe("d")
  expect(kept(only("e"), order, ["a", "b"]).cursor).toBe("b")
  expect(kept(selection, order, [])).toMatchObject({ cursor: null })
  expect(shown(kept(extended(only("a"), order, "c"), order, ["a", "c"]))).toBe("ac")
})
