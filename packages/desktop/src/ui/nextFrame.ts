/**
 * When what changes by itself is drawn: an answer that comes word by word, a terminal that prints without an end.
 *
 * Law: each is drawn with the next frame, all of it together. While a hand moves something, the frames are the hand's: what
 * changes by itself is drawn now and then, and at once when the hand rests.
 */

/** Milliseconds between two drawings while the page is hidden. */
const unseen = 100
/** Milliseconds after its last move from which on a hand rests; and between two drawings while it goes on. */
const hand = { rests: 250, longest: 5_000 } as const

/** Draws; what gives true has more to draw, with the frame after. */
type Draw = () => unknown

/** When the hand that holds something has moved last; null while none does. */
let movedAt: number | null = null
let drawnAt = 0
const held = new Set<Draw>()
/** What the next frame draws. */
const due = new Set<Draw>()
let timer: ReturnType<typeof setTimeout> | undefined
let frame: number | null = null
let isListening = false

const isSeen = (): boolean => document.visibilityState === "visible"

const draw = () => {
  if (frame !== null) cancelAnimationFrame(frame)
  frame = null
  const all = [...due]
  due.clear()
  for (const one of all) {
    try {
      if (one() === true) due.add(one)
    } catch (error) {
      // One that fails takes nothing from the others.
      reportError(error)
    }
  }
  if (due.size > 0) askForFrame()
}

const askForFrame = () => {
  if (isSeen()) frame ??= requestAnimationFrame(draw)
  else timer ??= setTimeout(drawNext, unseen)
}

const drawNext = () => {
  clearTimeout(timer)
  timer = undefined
  drawnAt = performance.now()
  for (const one of held) due.add(one)
  held.clear()
  if (due.size === 0) return
  if (isSeen()) askForFrame()
  else draw()
}

/** A frame that was asked for does not come to a page that is hidden by then. */
const whenSeenOtherwise = () => {
  if (frame !== null && !isSeen()) draw()
  else if (isSeen()) drawNext()
}

/** Milliseconds until the hand rests, or is asked to wait; 0: there is none that moves. */
const handNeeds = (): number => {
  const now = performance.now()
  return movedAt === null ? 0 : Math.max(0, Math.min(movedAt + hand.rests, drawnAt + hand.longest) - now)
}

const whenItRests = () => {
  timer = undefined
  const wait = handNeeds()
  if (wait === 0) drawNext()
  else timer = setTimeout(whenItRests, wait)
}

/** A hand that holds something moves now. */
export const handMoves = (): void => {
  if (movedAt === null) drawnAt = performance.now()
  movedAt = performance.now()
}

/** The hand has let go. */
export const handLetsGo = (): void => {
  movedAt = null
  drawNext()
}

export const isHandMoving = (): boolean => movedAt !== null && performance.now() - movedAt < hand.rests

/** Calls back before the page paints next, again and again while it says that there is more; returns the way to call it off. */
export const nextFrame = (then: Draw): (() => void) => {
  if (!isListening) {
    isListening = true
    document.addEventListener("visibilitychange", whenSeenOtherwise)
  }
  held.add(then)
  if (!isSeen()) timer ??= setTimeout(drawNext, unseen)
  else if (isHandMoving()) timer ??= setTimeout(whenItRests, handNeeds())
  else drawNext()
  return () => {
    held.delete(then)
    due.delete(then)
  }
}
