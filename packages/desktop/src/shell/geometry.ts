/**
 * Where a window is drawn on this screen.
 *
 * Law: what is stored is never changed by how it is drawn. A window that is larger than the screen, or beyond its edge, is
 * drawn within it; another screen draws it as it was.
 */
import type { WindowState, Zone } from "@choiros/protocol"

/** In CSS pixels, from the top left of the area that windows have. */
export interface Rect {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** Where two neighbours that are snapped meet, as parts of the whole. */
export interface Split {
  readonly x: number
  readonly y: number
}

/** A zone, or the whole area. */
export type Snap = Zone | "maximized"

export const middle: Split = { x: 0.5, y: 0.5 }

/** How much of a title bar stays in reach, however far a window was moved. */
const reach = 96
const titleBar = 36

export const rectOf = (window: WindowState, area: Size, split: Split): Rect => {
  if (window.maximized) return { x: 0, y: 0, ...area }
  if (window.zone !== null) return zoneRect(window.zone, area, split)
  return clamped(window, area)
}

export const zoneRect = (zone: Snap, area: Size, split: Split): Rect => {
  if (zone === "maximized") return { x: 0, y: 0, ...area }
  const x = Math.round(area.width * split.x)
  const y = Math.round(area.height * split.y)
  const columns = zone.endsWith("left") ? { x: 0, width: x } : { x, width: area.width - x }
  if (zone === "left" || zone === "right") return { ...columns, y: 0, height: area.height }
  return { ...columns, ...(zone.startsWith("top") ? { y: 0, height: y } : { y, height: area.height - y }) }
}

export const clamped = ({ height, width, x, y }: Rect, area: Size): Rect => {
  const shown = { width: Math.min(width, area.width), height: Math.min(height, area.height) }
  return {
    ...shown,
    x: between(x, Math.min(0, reach - shown.width), Math.max(0, area.width - reach)),
    y: between(y, 0, Math.max(0, area.height - titleBar))
  }
}

/** Pixels from an edge within which a drag means a zone, and from a corner within which it means a quarter. */
const edge = 12
const corner = 120

export const snapAt = ({ x, y }: { readonly x: number; readonly y: number }, area: Size): Snap | null => {
  const left = x < edge
  const right = x >= area.width - edge
  const top = y < edge
  if (!left && !right) return top ? "maximized" : null
  const side = left ? "left" : "right"
  if (y < corner) return `top_${side}`
  if (y >= area.height - corner) return `bottom_${side}`
  return side
}

export type Handle = "n" | "s" | "e" | "w" | "ne" | "nw" | "se" | "sw"

/** The rectangle when a handle was drawn by (dx, dy): never under the minimum, and the opposite side stays where it is. */
export const resized = (from: Rect, handle: Handle, dx: number, dy: number, least: Size, area: Size): Rect => {
  let { height, width, x, y } = from
  if (handle.includes("e")) width = Math.max(least.width, from.width + dx)
  if (handle.includes("s")) height = Math.max(least.height, from.height + dy)
  if (handle.includes("w")) {
    width = Math.max(least.width, Math.min(from.width - dx, from.x + from.width))
    x = from.x + from.width - width
  }
  if (handle.includes("n")) {
    // A title bar above the top edge could not be caught again.
    height = Math.max(least.height, Math.min(from.height - dy, from.y + from.height))
    y = from.y + from.height - height
  }
  return {
    x,
    y,
    width: Math.min(width, Math.max(area.width, least.width)),
    height: Math.min(height, Math.max(area.height, least.height))
  }
}

/**
 * What a resize has to store, or null where it changed nothing. A side that the hand did not change stays as it is stored,
 * which may be larger, or further out, than this screen draws it. What leaves its zone has the bounds that were drawn.
 */
export const boundsToStore = (
  window: WindowState,
  shown: Rect,
  drawn: Rect
): { readonly width: number; readonly height: number; readonly x?: number; readonly y?: number } | null => {
  const all = window.zone !== null
  const has = (side: keyof Rect): boolean => drawn[side] !== shown[side]
  if (!has("x") && !has("y") && !has("width") && !has("height")) return null
  return {
    width: all || has("width") ? Math.round(drawn.width) : window.width,
    height: all || has("height") ? Math.round(drawn.height) : window.height,
    ...(all || has("x") ? { x: Math.round(drawn.x) } : {}),
    ...(all || has("y") ? { y: Math.round(drawn.y) } : {})
  }
}

/** A window that leaves its zone keeps the place under the pointer, as a part of its width. */
export const torn = (shown: Rect, normal: Size, pointer: { readonly x: number; readonly y: number }): Rect => {
  const part = shown.width === 0 ? 0.5 : (pointer.x - shown.x) / shown.width
  return {
    width: normal.width,
    height: normal.height,
    x: pointer.x - part * normal.width,
    y: Math.max(0, pointer.y - titleBar / 2)
  }
}

/** What another screen says of its drag: without a size, it is moved alone. */
interface Dragged {
  readonly x: number
  readonly y: number
  readonly width?: number | undefined
  readonly height?: number | undefined
}

/** Where another screen drags it. What is moved alone has no place of its own once it is maximized or snapped meanwhile. */
export const whileDragged = (window: WindowState, rect: Rect, drag: Dragged | undefined): Rect => {
  if (drag === undefined || (drag.width === undefined && (window.maximized || window.zone !== null))) return rect
  return { x: drag.x, y: drag.y, width: drag.width ?? rect.width, height: drag.height ?? rect.height }
}

const between = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value))
