/**
 * Moving and resizing a window by the pointer.
 *
 * Law: while it lasts the element alone moves; frames that nobody stores tell other screens; one command says at the end where
 * it is. A reverted gesture leaves no trace.
 */
import { type App, minimumSize, ulid } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { command } from "../state/desktop.ts"
import { link, ownDrags } from "../state/drags.ts"
import { snapWindow, windowOf } from "../state/windows.ts"
import { areaStore } from "./area.ts"
import { type Handle, type Rect, rectOf, resized, type Snap, snapAt, torn } from "./geometry.ts"
import { follow } from "./gesture.ts"

/** The zone that the window would take if it were let go now. */
export const snapStore = createStore<{ readonly snap: Snap | null }>(() => ({ snap: null }))

/** Milliseconds that the pointer stays at an edge before the zone shows: crossing it is not meant. */
const dwell = 80

export const startMove = (
  pressed: PointerEvent,
  element: HTMLElement,
  window_id: string,
  app: App | undefined
): void => {
  const { area, layout, split } = areaStore.getState()
  const window = windowOf(window_id)
  if (window === undefined || layout !== "windows") return
  const shown = rectOf(window, area, split)
  const op_id = ulid()
  const tears = window.maximized || window.zone !== null
  let from = shown
  let rect = shown
  let dwelling: ReturnType<typeof setTimeout> | null = null
  let near: Snap | null = null

  const approach = (snap: Snap | null) => {
    if (snap === near) return
    near = snap
    if (dwelling !== null) clearTimeout(dwelling)
    snapStore.setState({ snap: null })
    dwelling = snap === null ? null : setTimeout(() => snapStore.setState({ snap }), dwell)
  }
  const draw = (next: Rect) => {
    rect = next
    element.style.transform = `translate3d(${rect.x}px, ${rect.y}px, 0)`
    if (tears) {
      element.style.width = `${rect.width}px`
      element.style.height = `${rect.height}px`
    }
  }

  follow(pressed, element, {
    begin: () => {
      ownDrags.add(op_id)
      element.dataset.moving = ""
      if (tears) from = torn(shown, sizeAtLeast(window, app), { x: pressed.clientX, y: pressed.clientY })
    },
    move: (pointer, by) => {
      approach(snapAt(pointer, area))
      draw({ ...from, x: from.x + by.x, y: Math.max(0, from.y + by.y) })
      link.drag({ window_id, op_id, x: rect.x, y: rect.y })
    },
    end: (how) => {
      const { snap } = snapStore.getState()
      approach(null)
      delete element.dataset.moving
      if (how === "reverted") {
        draw(shown)
        element.style.width = `${shown.width}px`
        element.style.height = `${shown.height}px`
        link.drag({ window_id, op_id, x: shown.x, y: shown.y })
      } else if (snap !== null) {
        if (window.maximized && snap !== "maximized") void command({ _tag: "Restore", window_id })
        draw(
          rectOf({ ...window, maximized: snap === "maximized", zone: snap === "maximized" ? null : snap }, area, split)
        )
        element.style.width = ""
        element.style.height = ""
        snapWindow(window_id, snap)
        redraw(element, window_id)
      } else {
        if (window.maximized) void command({ _tag: "Restore", window_id })
        void command({ _tag: "Move", window_id, x: Math.round(rect.x), y: Math.round(rect.y) })
      }
    }
  })
}

/** What the gesture has put on the element is what the state says, also where the state did not change. */
const redraw = (element: HTMLElement, window_id: string): void => {
  const { area, split } = areaStore.getState()
  const window = windowOf(window_id)
  if (window === undefined) return
  const { height, width, x, y } = rectOf(window, area, split)
  element.style.transform = `translate3d(${x}px, ${y}px, 0)`
  element.style.width = `${width}px`
  element.style.height = `${height}px`
}

export const startResize = (
  pressed: PointerEvent,
  element: HTMLElement,
  window_id: string,
  handle: Handle,
  app: App | undefined
): void => {
  const { area, layout, split } = areaStore.getState()
  const window = windowOf(window_id)
  if (window === undefined || window.maximized || layout !== "windows") return
  const shown = rectOf(window, area, split)
  const op_id = ulid()
  let rect = shown
  const draw = (next: Rect) => {
    rect = next
    element.style.transform = `translate3d(${rect.x}px, ${rect.y}px, 0)`
    element.style.width = `${rect.width}px`
    element.style.height = `${rect.height}px`
  }
  follow(pressed, element, {
    begin: () => {
      ownDrags.add(op_id)
      element.dataset.moving = ""
    },
    move: (_, by) => {
      draw(resized(shown, handle, by.x, by.y, leastSize(app), area))
      link.drag({ window_id, op_id, ...rect })
    },
    end: (how) => {
      delete element.dataset.moving
      if (how === "reverted") {
        draw(shown)
        link.drag({ window_id, op_id, ...shown })
        return
      }
      const [x, y, width, height] = [rect.x, rect.y, rect.width, rect.height].map(Math.round)
      if (x === undefined || y === undefined || width === undefined || height === undefined) return
      const moved = rect.x !== shown.x || rect.y !== shown.y || window.zone !== null
      void command({ _tag: "Resize", window_id, width, height, ...(moved ? { x, y } : {}) })
    }
  })
}

const leastSize = (app: App | undefined) => ({
  width: Math.max(minimumSize.width, app?.min_width ?? 0),
  height: Math.max(minimumSize.height, app?.min_height ?? 0)
})

const sizeAtLeast = ({ height, width }: { readonly height: number; readonly width: number }, app: App | undefined) => {
  const least = leastSize(app)
  return { width: Math.max(width, least.width), height: Math.max(height, least.height) }
}
