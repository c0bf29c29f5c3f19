/**
 * When what changes by itself is drawn: an answer that comes word by word, a terminal that prints without an end.
 *
 * Law: each is drawn with the next frame, all of it together. While a hand moves something, the frames are the hand's: what
 * changes by itself is drawn ten times a second then, and at once when the hand rests.
 */

/** Milliseconds between two drawings while the page is hidden, and while a hand moves something. */
const unseen = 100
const besideHand = 80

let moving = false
const held = new Set<() => void>()
let timer: ReturnType<typeof setTimeout> | undefined
let asked = false

const draw = () => {
  asked = false
  const all = [...held]
  held.clear()
  for (const then of all) {
    try {
      then()
    } catch (error) {
      // One that fails takes nothing from the others.
      reportError(error)
    }
  }
}

const drawNext = () => {
  clearTimeout(timer)
  timer = undefined
  if (held.size === 0) return
  if (document.visibilityState !== "visible") draw()
  else if (!asked) {
    asked = true
    requestAnimationFrame(draw)
  }
}

/** Told when a hand begins to move something, and when it rests. */
export const setHandMoving = (now: boolean): void => {
  moving = now
  if (!now) drawNext()
}

export const isHandMoving = (): boolean => moving

/** Calls back once, before the page paints next; returns the way to call it off. */
export const nextFrame = (then: () => void): (() => void) => {
  held.add(then)
  if (document.visibilityState !== "visible") timer ??= setTimeout(drawNext, unseen)
  else if (moving) timer ??= setTimeout(drawNext, besideHand)
  else drawNext()
  return () => held.delete(then)
}
