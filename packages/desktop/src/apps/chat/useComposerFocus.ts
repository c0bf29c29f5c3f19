import { type RefObject, useEffect } from "react"

/** A window that comes to the front is written in; on a touch screen that would open the keyboard unasked. */
export const useComposerFocus = (field: RefObject<HTMLTextAreaElement | null>, active: boolean): void => {
  useEffect(() => {
    const { current } = field
    if (!active || current === null || matchMedia("(pointer: coarse)").matches) return
    const focused = document.activeElement
    const frame = current.closest("[data-window]")
    if (focused === null || focused === document.body || focused === frame) current.focus({ preventScroll: true })
  }, [active, field])
}
