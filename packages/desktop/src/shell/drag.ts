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
import { dwelling } from "./dwell.ts"
import { boundsToStore, clamped, type Handle, type Rect, rectOf, resized, type Snap, snapAt, torn } from "./geometry.ts"
import { follow } from "./gesture.ts"

/** The zone that the window would take if it were let go now. */
export const snapStore = createStore<{ readonly snap: Snap | null }>(() => ({ snap: null }))

export const startMove = (pressed: PointerEvent, element: HTMLElement, window_id: string): void => {
  const { area, layout, split } = areaStore.getState()
  const window = windowOf(window_id)
  if (window === undefined || layout !== "windows") return
  const shown = rectOf(window, area, split)
  const op_id = ulid()
  const tears = window.maximized || window.zone !== null
  let from = shown
  let rect = shown
  const approach = dwelling<Snap>((snap) => snapStore.setState({ snap }))
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
      if (tears) from = torn(shown, clamped(window, area), { x: pressed.clientX, y: pressed.clientY })
    },
    move: (pointer, by) => {
      approach(snapAt(pointer, area))
      draw({ ...from, x: from.x + by.x, y: Math.max(0, from.y + by.y) })
      // What is torn off has another size by now, and other screens draw the old one.
      link.drag({ window_id, op_id, ...(tears ? rect : { x: rect.x, y: rect.y }) })
    },
    end: (how) => {
      const { snap } = snapStore.getState()
      approach(null)
      delete element.dataset.moving
      if (how === "reverted") {
        draw(shown)
        element.style.width = `${shown.width}px`
        element.style.height = `${shown.height}px`
        link.letGo({ window_id, op_id, ...(tears ? shown : { x: window.x, y: window.y }) })
      } else if (snap !== null) {
        link.letGo()
        draw(
          rectOf({ ...window, maximized: snap === "maximized", zone: snap === "maximized" ? null : snap }, area, split)
        )
        element.style.width = ""
        element.style.height = ""
        snapWindow(window_id, snap)
        redraw(element, window_id)
      } else {
        link.letGo()
        // Where the hand has moved nothing, what is stored stays: it may lie further out than it is drawn.
        const x = !tears && rect.x === shown.x ? window.x : Math.round(rect.x)
        const y = !tears && rect.y === shown.y ? window.y : Math.round(rect.y)
        void command({ _tag: window.maximized ? "Restore" : "Move", window_id, x, y })
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
  const { height, width, x, y } = window.zone === null ? window : shown
  let rect = shown
  const draw = (next: Rect) => {
    rect = next
    element.style.transform = `translate3d(${rect.x}px, ${rect.y}px, 0)`
    element.style.width = `${rect.width}px`
    element.style.height = `${rect.height}px`
  }
  /** What would be stored now: how this screen draws the rest is no matter of another. */
  const frame = () => ({ window_id, op_id, x, y, width, height, ...boundsToStore(window, shown, rect) })
  follow(pressed, element, {
    begin: () => {
      ownDrags.add(op_id)
      element.dataset.moving = ""
    },
    move: (_, by) => {
      draw(resized(shown, handle, by.x, by.y, leastSize(app), area))
      link.drag(frame())
    },
    end: (how) => {
      delete element.dataset.moving
      if (how === "reverted") {
        draw(shown)
        link.letGo(frame())
        return
      }
      link.letGo()
      const bounds = boundsToStore(window, shown, rect)
      if (bounds !== null) void command({ _tag: "Resize", window_id, ...bounds })
    }
  })
}

const leastSize = (app: App | undefined) => ({
  width: Math.max(minimumSize.width, app?.min_width ?? 0),
  height: Math.max(minimumSize.height, app?.min_height ?? 0)
})
