/**
 * When what changes by itself is drawn: an answer that comes word by word, a terminal that prints without an end.
 *
 * Law: nobody waits for it longer than a tenth of a second, and while a hand moves something, the frames are the hand's.
 */

/** Milliseconds; a page that is hidden paints nothing. */
const unseen = 200
/** Milliseconds that the others wait while a hand moves something. */
const besideHand = 80

let moving = false

/** Told when a hand begins to move something, and when it ends. */
export const setHandMoving = (now: boolean): void => {
  moving = now
}

/** Calls back once, before the page paints next; returns the way to call it off. */
export const nextFrame = (then: () => void): (() => void) => {
  let frame: number | undefined
  const paint = () => {
    frame = requestAnimationFrame(then)
  }
  const isSeen = document.visibilityState === "visible"
  const timer = isSeen && !moving ? undefined : setTimeout(isSeen ? paint : then, isSeen ? besideHand : unseen)
  if (timer === undefined) paint()
  return () => {
    clearTimeout(timer)
    if (frame !== undefined) cancelAnimationFrame(frame)
  }
}
