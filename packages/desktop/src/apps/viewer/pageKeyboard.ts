/**
 * The keyboard and a page in a frame.
 *
 * Law: a page has the keyboard where the person has brought it into the page's window, and nowhere else. A frame of another
 * origin may take it at any time, and no attribute keeps Chromium from that (not `inert`): one that does is stopped, and the
 * keyboard goes back to where it was.
 */
import { type RefObject, useEffect, useState } from "react"
import { flushSync } from "react-dom"

interface PageKeyboard {
  /** The keyboard is in the window that the page is in: presses may go to the page. */
  readonly isHere: boolean
  /** The page has taken the keyboard from elsewhere. */
  readonly hasTaken: boolean
  /** Lets it try again. */
  readonly forgive: () => void
}

/** `around` is an element that the frame is in. */
export const usePageKeyboard = (around: RefObject<HTMLElement | null>): PageKeyboard => {
  const [isHere, setHere] = useState(false)
  const [hasTaken, setTaken] = useState(false)
  useEffect(() => {
    const frame = around.current?.closest("[data-window]") ?? null
    const isInside = (element: Element | null): boolean => frame?.contains(element) === true
    // Where the keyboard was last, and whether that was in here: what had it may be gone by now.
    let last: Element | null = null
    let wasHere = false
    const at = (element: Element | null) => {
      last = element
      wasHere = isInside(element)
      setHere(wasHere)
    }
    at(document.activeElement)
    const came = ({ target }: FocusEvent) => target instanceof Element && at(target)
    // No press gets through to a frame that the keyboard is not beside: it was the page.
    const left = () => {
      const { activeElement } = document
      const isOurs = activeElement instanceof HTMLIFrameElement && around.current?.contains(activeElement) === true
      if (!isOurs || wasHere) return
      // The frame is gone before the keyboard goes back, or what is typed would still go to it.
      flushSync(() => setTaken(true))
      if (last instanceof HTMLElement) last.focus({ preventScroll: true })
    }
    document.addEventListener("focusin", came)
    window.addEventListener("blur", left)
    return () => {
      document.removeEventListener("focusin", came)
      window.removeEventListener("blur", left)
    }
  }, [around])
  return { isHere, hasTaken, forgive: () => setTaken(false) }
}
