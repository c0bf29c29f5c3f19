/**
 * Where the keyboard goes when what it was in is decided.
 *
 * Law: it stays in its window: on the next that waits there, else the one before, else on the window. Who has gone
 * elsewhere meanwhile stays there.
 */
import { type RefObject, useLayoutEffect } from "react"

/** What waits for a decision. */
const places = new Set<HTMLElement>()
/** Those that the focus, or a hand, is in. */
let held: ReadonlySet<HTMLElement> = new Set()

// That what is taken out of the page loses the focus is no choice of the person: no such event is listened to.
const follow = ({ target }: Event): void => {
  held = new Set([...places].filter((place) => target instanceof Node && place.contains(target)))
}

const join = (place: HTMLElement): (() => void) => {
  if (places.size === 0) {
    document.addEventListener("focusin", follow)
    document.addEventListener("pointerdown", follow, { capture: true })
  }
  places.add(place)
  return () => {
    places.delete(place)
    if (places.size === 0) {
      document.removeEventListener("focusin", follow)
      document.removeEventListener("pointerdown", follow, { capture: true })
    }
    if (!held.has(place)) return
    held = new Set()
    const heir = heirOf(place)
    // When it is gone.
    queueMicrotask(() => {
      if (document.activeElement === document.body) heir?.focus({ preventScroll: true })
    })
  }
}

const heirOf = (gone: HTMLElement): HTMLElement | null => {
  const window = gone.closest<HTMLElement>("[data-window]")
  const others = [...places].filter(
    (place) => window?.contains(place) === true && !gone.contains(place) && !place.contains(gone)
  )
  const isAfter = (place: HTMLElement) => (gone.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0
  const inOrder = others.toSorted((a, b) =>
    (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 ? -1 : 1
  )
  return inOrder.find(isAfter) ?? inOrder.at(-1) ?? window
}

/** As long as it waits, the keyboard is passed on from it, and may be passed on to it. */
export const usePassedOn = (ref: RefObject<HTMLElement | null>, waits: boolean): void =>
  useLayoutEffect(() => (ref.current === null || !waits ? undefined : join(ref.current)), [ref, waits])
