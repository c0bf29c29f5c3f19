/**
 * One drag of a pointer, from its press to its end, however it ends.
 *
 * Law: every gesture ends exactly once. A lost pointer-up or a page that loses the focus ends it where it is; Escape and a
 * cancelled pointer revert it.
 *
 *   pressed ── moved 4 px ──▶ moving ── released | lost | blur ──▶ done
 *      │                         └────── Escape | cancelled ─────▶ reverted
 *      └── released ──▶ (a click: nothing)
 */

import { handLetsGo, handMoves } from "../ui/nextFrame.ts"
import styles from "./gesture.module.css"

interface Point {
  readonly x: number
  readonly y: number
}

export interface Gesture {
  /** The threshold was passed. */
  readonly begin: () => void
  /** The pointer now, at most once a paint; and what it has moved since the press. */
  readonly move: (pointer: Point, by: Point) => void
  readonly end: (how: "done" | "reverted") => void
}

const threshold = 4

/** Follows the pointer that was pressed. `element` keeps it captured. */
export const follow = (pressed: PointerEvent, element: Element, gesture: Gesture): void => {
  const { pointerId } = pressed
  const start: Point = { x: pressed.clientX, y: pressed.clientY }
  let at = start
  let moving = false
  let frame: number | null = null
  const listening = new AbortController()

  const paint = () => {
    frame = null
    gesture.move(at, { x: at.x - start.x, y: at.y - start.y })
  }

  const finish = (how: "done" | "reverted") => {
    if (listening.signal.aborted) return
    listening.abort()
    if (frame !== null) {
      cancelAnimationFrame(frame)
      if (how === "done") paint()
    }
    if (element.hasPointerCapture(pointerId)) element.releasePointerCapture(pointerId)
    shield.remove()
    handLetsGo()
    if (moving) gesture.end(how)
  }

  const options = { signal: listening.signal }
  const moved = (event: PointerEvent) => {
    if (event.pointerId !== pointerId) return
    // The button was let go where nobody told us.
    if (event.buttons === 0) return finish("done")
    at = { x: event.clientX, y: event.clientY }
    if (!moving) {
      if (Math.hypot(at.x - start.x, at.y - start.y) < threshold) return
      moving = true
      hold(element, pointerId)
      raiseShield(pressed)
      gesture.begin()
    }
    handMoves()
    frame ??= requestAnimationFrame(paint)
  }
  // Who presses is about to move: the first frames are the hand's already.
  handMoves()
  window.addEventListener("pointermove", moved, options)
  window.addEventListener("pointerup", (event) => event.pointerId === pointerId && finish("done"), options)
  window.addEventListener("pointercancel", (event) => event.pointerId === pointerId && finish("reverted"), options)
  window.addEventListener("blur", () => finish("done"), options)
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !moving) return
      event.preventDefault()
      event.stopPropagation()
      finish("reverted")
    },
    { ...options, capture: true }
  )
}

/**
 * Frames and terminals would take the pointer for theirs. A sheet over them costs nothing; what all of the page inherits (a
 * cursor at its root) would have each element of each window styled anew.
 */
const shield = document.createElement("div")
shield.className = styles.shield ?? ""

const raiseShield = ({ target }: PointerEvent): void => {
  const cursor = target instanceof Element ? getComputedStyle(target).cursor : ""
  shield.style.cursor = cursor.endsWith("-resize") ? cursor : "grabbing"
  document.body.append(shield)
}

/** Not before the threshold: clicks go to who holds the pointer, and a double click means what is under it. */
const hold = (element: Element, pointerId: number): void => {
  try {
    element.setPointerCapture(pointerId)
  } catch {
    // The pointer is gone already: its next move, or none, ends the gesture.
  }
}
