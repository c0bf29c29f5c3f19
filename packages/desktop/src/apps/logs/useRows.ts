/**
 * Which rows of a long list are drawn. All rows have one height.
 *
 * Law: what is read stays where it is when rows come or go above it.
 */
import { type RefObject, useLayoutEffect, useRef, useState } from "react"

interface Rows {
  /** Indices: the first that is drawn, and the one after the last. */
  readonly from: number
  readonly to: number
  /** Rows that fit. */
  readonly page: number
  /** Pixels of height that there are for them. */
  readonly room: number
}

interface Wanted {
  /** Its first child holds the rows. */
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly count: number
  readonly height: number
  /** The place of the first row: less by as many rows as were added above. */
  readonly first: number
  /** The end stays in sight. */
  readonly following: boolean
  /** The row that the list begins at when it is not at its end, and that stays in sight when the room gets less; or -1. */
  readonly kept: number
  /** How far it is from both ends, in rows, after it was scrolled; `by`: pixels downwards. */
  readonly onScroll: (above: number, below: number, by: number) => void
}

const overscan = 10

export const useRows = ({ scroller, count, height, first, following, kept, onScroll }: Wanted): Rows => {
  const [view, setView] = useState({ top: 0, room: 600 })
  const before = useRef<{ readonly first: number; readonly height: number; readonly following: boolean } | null>(null)
  /** Where it was scrolled to, before the browser made a shorter list fit. */
  const scrolled = useRef(0)
  const latest = useRef({ count, height, following, kept, onScroll })
  latest.current = { count, height, following, kept, onScroll }

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const shown = before.current
    before.current = { first, height, following }
    // Told when the page is laid out (below), where it is followed already: to scroll sooner has it laid out twice.
    if (following && shown?.following === true && shown.height === height) return
    if (following) element.scrollTop = count * height
    else if (shown === null) element.scrollTop = Math.max(0, kept * height - element.clientHeight / 2)
    else if (shown.first !== first || shown.height !== height)
      element.scrollTop = (scrolled.current / shown.height + shown.first - first) * height
    const top = element.scrollTop
    scrolled.current = top
    // What it follows no more it has not looked at.
    if (!following && shown?.following === true) setView((view) => ({ ...view, top }))
  }, [scroller, first, following, height, count, kept])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const look = () => {
      const { clientHeight: room, scrollTop: top } = element
      const { count, following, height } = latest.current
      const isKnown = following && Math.abs(endOf(count, height, room) - top) <= 1
      setView((shown) => (shown.room === room && (isKnown || shown.top === top) ? shown : { top, room }))
      latest.current.onScroll(top / height, count - (top + room) / height, top - scrolled.current)
      scrolled.current = top
    }
    let room = element.clientHeight
    const resized = () => {
      const { following, height, kept } = latest.current
      const bottom = (kept + 1) * height
      const { clientHeight, scrollTop } = element
      if (following) element.scrollTop = element.scrollHeight
      else if (kept >= 0 && bottom <= scrollTop + room && bottom > scrollTop + clientHeight)
        element.scrollTop = bottom - clientHeight
      // By no hand: it is no way down to the end.
      scrolled.current = element.scrollTop
      room = clientHeight
      look()
    }
    look()
    element.addEventListener("scroll", look, { passive: true })
    const observer = new ResizeObserver(resized)
    observer.observe(element)
    if (element.firstElementChild !== null) observer.observe(element.firstElementChild)
    return () => {
      element.removeEventListener("scroll", look)
      observer.disconnect()
    }
  }, [scroller])

  // While the end is followed, where that is is known before the page is laid out.
  const top = following ? endOf(count, height, view.room) : view.top
  return {
    from: Math.max(0, Math.floor(top / height) - overscan),
    to: Math.min(count, Math.ceil((top + view.room) / height) + overscan),
    page: Math.max(1, Math.floor(view.room / height) - 1),
    room: view.room
  }
}

const endOf = (count: number, height: number, room: number): number => Math.max(0, count * height - room)
