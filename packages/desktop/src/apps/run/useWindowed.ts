/**
 * A long list of which only what is in sight is drawn. Rows have one height, but for the few that are open, which are
 * measured.
 *
 * Law: what one scroll costs does not grow with the list; what is read stays where it is when something above it changes
 * its height. Rows that fly past are no longer in sight when the next frame is drawn: they may be drawn with less.
 */
import { type RefObject, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react"

interface Windowed {
  readonly scroller: RefObject<HTMLDivElement | null>
  readonly total: number
  /** Indices: the first that is drawn, and the one after the last. */
  readonly first: number
  readonly end: number
  readonly offsetOf: (index: number) => number
  /** Tells how high an open row is. */
  readonly measure: (key: string, height: number) => void
  readonly showIndex: (index: number, where?: "nearest" | "top") => void
  readonly showEnd: () => void
  readonly atEnd: boolean
  /** More than a page goes by in a frame. */
  readonly flying: boolean
}

interface Keyed {
  readonly key: string
}

/** Rows beyond the edges that are drawn as well. */
const overscan = 4
/** Pixels from the end within which it is the end. */
const nearEnd = 48
/** Milliseconds after which what stood still has come to rest. */
const rest = 100

export const useWindowed = (rows: ReadonlyArray<Keyed>, open: ReadonlySet<string>, height: number): Windowed => {
  const scroller = useRef<HTMLDivElement>(null)
  const heights = useRef(new Map<string, number>())
  const [view, setView] = useState({ top: 0, room: 800, atEnd: true, flying: false })
  const [measured, setMeasured] = useState(0)

  // The open ones with what they are higher, in the order of the list.
  const extras = useMemo(() => {
    const found: Array<{ readonly index: number; readonly extra: number }> = []
    if (open.size > 0 && measured >= 0) {
      for (const [index, { key }] of rows.entries()) {
        if (open.has(key)) found.push({ index, extra: Math.max(0, (heights.current.get(key) ?? height) - height) })
      }
    }
    return found
  }, [rows, open, height, measured])

  const offsetOf = useCallback(
    (index: number) => {
      let offset = index * height
      for (const one of extras) {
        if (one.index >= index) break
        offset += one.extra
      }
      return offset
    },
    [extras, height]
  )
  const total = offsetOf(rows.length)

  const indexAt = (offset: number): number => {
    let above = 0
    for (const { extra, index } of extras) {
      const top = index * height + above
      if (offset < top + height) break
      if (offset < top + height + extra) return index
      above += extra
    }
    return Math.floor((offset - above) / height)
  }
  const first = Math.max(0, indexAt(view.top) - overscan)
  const end = Math.min(rows.length, indexAt(view.top + view.room) + 1 + overscan)

  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    let landing: ReturnType<typeof setTimeout> | undefined
    const land = () => setView((before) => (before.flying ? { ...before, flying: false } : before))
    const look = () => {
      const { clientHeight: room, scrollHeight, scrollTop: top } = element
      // In a window that is minimized nothing has a size.
      if (room === 0) return
      const atEnd = scrollHeight - top - room <= nearEnd
      setView((before) => {
        if (before.top === top && before.room === room && before.atEnd === atEnd) return before
        return { top, room, atEnd, flying: before.flying || Math.abs(top - before.top) > room }
      })
      clearTimeout(landing)
      landing = setTimeout(land, rest)
    }
    look()
    element.addEventListener("scroll", look, { passive: true })
    const observer = new ResizeObserver(look)
    observer.observe(element)
    return () => {
      clearTimeout(landing)
      element.removeEventListener("scroll", look)
      observer.disconnect()
    }
  }, [])

  const latest = useRef({ offsetOf, rows, height, view, total })
  latest.current = { offsetOf, rows, height, view, total }

  const measure = useCallback((key: string, now: number) => {
    const { height, offsetOf, rows } = latest.current
    const isNew = !heights.current.has(key)
    const before = heights.current.get(key) ?? height
    if (Math.abs(before - now) < 1) return
    heights.current.set(key, now)
    setMeasured((times) => times + 1)
    const element = scroller.current
    const index = rows.findIndex((row) => row.key === key)
    if (element === null || index < 0) return
    const top = offsetOf(index)
    // What is read stays where it is.
    if (top + before <= element.scrollTop) element.scrollTop += now - before
    // What was opened at the lower edge comes into sight, as far as there is room for it.
    else if (isNew && top >= element.scrollTop) {
      requestAnimationFrame(() => {
        const beyond = top + now + height - element.scrollTop - element.clientHeight
        if (beyond > 0) element.scrollTop += Math.min(beyond, Math.max(0, top - height - element.scrollTop))
      })
    }
  }, [])

  const showIndex = useCallback((index: number, where: "nearest" | "top" = "nearest") => {
    const element = scroller.current
    if (element === null) return
    const { height, offsetOf } = latest.current
    const top = offsetOf(index)
    const room = element.clientHeight
    if (where === "top") element.scrollTop = top - height
    else if (top < element.scrollTop + height) element.scrollTop = top - height
    else if (top + height > element.scrollTop + room - height) element.scrollTop = top + 2 * height - room
  }, [])

  const showEnd = useCallback(() => {
    const element = scroller.current
    if (element !== null) element.scrollTop = element.scrollHeight
  }, [])

  return { scroller, total, first, end, offsetOf, measure, showIndex, showEnd, atEnd: view.atEnd, flying: view.flying }
}
