/**
 * Where a window is on a screen that is too narrow for windows that float.
 *
 * Law: what is stored stays as it is; this is how it is drawn. In panes the two top windows stand beside each other, the
 * older one left, so that to go from one to the other moves nothing.
 */
import type { WindowState } from "@choiros/protocol"
import type { Rect, Size, Split } from "./geometry.ts"

/** `compact`: one app at a time. `panes`: two beside each other. `windows`: they float. */
export type Layout = "compact" | "panes" | "windows"

/** By the width of the page, in pixels. */
export const layoutOf = (width: number): Layout => (width < 640 ? "compact" : width < 1024 ? "panes" : "windows")

/** `free`: as the window itself says. */
export type Place = "free" | "whole" | "left" | "right" | "none"

export const placeOf = (layout: Layout, windows: ReadonlyArray<WindowState>, id: string): Place => {
  if (layout === "windows") return "free"
  const shown = windows.filter(({ hidden }) => !hidden)
  const top = shown.at(-1)
  if (top === undefined) return "none"
  const next = layout === "panes" ? shown.at(-2) : undefined
  if (next === undefined) return top.id === id ? "whole" : "none"
  const [left, right] = top.id < next.id ? [top, next] : [next, top]
  return left.id === id ? "left" : right.id === id ? "right" : "none"
}

export const placeRect = (place: Exclude<Place, "free" | "none">, area: Size, split: Split): Rect => {
  if (place === "whole") return { x: 0, y: 0, ...area }
  const x = Math.round(area.width * Math.min(0.7, Math.max(0.3, split.x)))
  return place === "left"
    ? { x: 0, y: 0, width: x, height: area.height }
    : { x, y: 0, width: area.width - x, height: area.height }
}
