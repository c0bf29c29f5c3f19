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
}

interface Wanted {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly count: number
  readonly height: number
  /** The place of the first row: less by as many rows as were added above. */
  readonly first: number
  /** The end stays in sight. */
  readonly following: boolean
  /** The row that the list begins at when it is not at its end, and that stays in sight when the room gets less; or -1. */
  readonly kept: number
  /** How far it is from both ends, in rows, after it was scrolled; `down` says in which direction. */
  readonly onScroll: (above: number, below: number, down: boolean) => void
}

const overscan = 10

export const useRows = ({ scroller, count, height, first, following, kept, onScroll }: Wanted): Rows => {
  const [view, setView] = useState({ top: 0, room: 600 })
  const before = useRef<{ readonly first: number; readonly height: number } | null>(null)
  /** Where it was scrolled to, before the browser made a shorter list fit. */
  const scrolled = useRef(0)
  const latest = useRef({ count, height, following, kept, onScroll })
  latest.current = { count, height, following, kept, onScroll }

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const shown = before.current
    before.current = { first, height }
    if (following) element.scrollTop = count * height
    else if (shown === null) element.scrollTop = Math.max(0, kept * height - element.clientHeight / 2)
    else if (shown.first !== first || shown.height !== height)
      element.scrollTop = (scrolled.current / shown.height + shown.first - first) * height
    scrolled.current = element.scrollTop
  }, [scroller, first, following, height, count, kept])

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const look = () => {
      const { clientHeight: room, scrollTop: top } = element
      setView((shown) => (shown.top === top && shown.room === room ? shown : { top, room }))
      const { count, height } = latest.current
      latest.current.onScroll(top / height, count - (top + room) / height, top > scrolled.current)
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
    return () => {
      element.removeEventListener("scroll", look)
      observer.disconnect()
    }
  }, [scroller])

  return {
    from: Math.max(0, Math.floor(view.top / height) - overscan),
    to: Math.min(count, Math.ceil((view.top + view.room) / height) + overscan),
    page: Math.max(1, Math.floor(view.room / height) - 1)
  }
}
