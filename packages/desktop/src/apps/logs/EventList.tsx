/** The events that are held, of which those in sight are drawn; more are read as either end comes near. */
import type { Event } from "@choiros/protocol"
import { type KeyboardEvent, useEffect, useId, useLayoutEffect, useRef } from "react"
import { classes } from "../../ui/classes.ts"
import { useWidth } from "../choir/useWidth.ts"
import styles from "./EventList.module.css"
import { EventRow } from "./EventRow.tsx"
import type { LogState, LogStore } from "./LogStore.ts"
import { useRows } from "./useRows.ts"

interface EventListProps {
  readonly log: LogStore
  readonly state: LogState
  /** The `seq` that the keyboard is at. */
  readonly current: number | null
  /** `open`: its details are asked for. */
  readonly onCurrent: (event: Event, open: boolean) => void
  readonly onClose: () => void
}

const isTouched = matchMedia("(pointer: coarse)").matches
/** Pixels of the list from which a row has one line. */
const wide = 620
const heights = { line: 26, twoLines: 44 } as const
/** Rows from an end within which more is read. */
const near = 60

export const EventList = ({ log, state, current, onCurrent, onClose }: EventListProps) => {
  const { error, following, reading, rested, window } = state
  const { events } = window
  const id = useId()
  const at = current === null ? -1 : indexOf(events, current)
  const scroller = useRef<HTMLDivElement>(null)
  const width = useWidth(scroller)
  const isWide = width === 0 || width >= wide
  const rowHeight = isWide && !isTouched ? heights.line : heights.twoLines
  const { from, page, room, to } = useRows({
    scroller,
    count: events.length,
    height: rowHeight,
    first: window.first,
    following,
    kept: at,
    onScroll: (above, below, by) => {
      // Only going back leaves the end; that the end has moved on does not.
      if (following && by < 0 && below > 1) log.follow(false)
      else if (!following && by > 0 && below < 0.5 && log.store.getState().window.isLive) log.follow(true)
      if (error !== null) return
      if (above < near && !rested) void log.older()
      else if (below < near) void log.newer()
    }
  })

  // Gone to another place, it is another list: the keyboard goes on in it, unless it went elsewhere meanwhile.
  useLayoutEffect(() => {
    const element = scroller.current
    if (log.hadFocus && document.activeElement === document.body) element?.focus({ preventScroll: true })
    return () => {
      log.hadFocus = element !== null && document.activeElement === element
    }
  }, [log])

  // What does not fill the list was not scrolled yet.
  useEffect(() => {
    if (reading !== null || error !== null || rested) return
    if (events.length * rowHeight < room + near * rowHeight) void log.older()
  }, [log, events.length, rowHeight, room, reading, error, rested])

  const go = (index: number, open: boolean) => {
    const event = events[Math.min(events.length - 1, Math.max(0, index))]
    const element = scroller.current
    if (event === undefined || element === null) return
    const top = events.indexOf(event) * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight)
      element.scrollTop = top + rowHeight - element.clientHeight
    onCurrent(event, open)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const here = at < 0 ? events.length : at
    switch (event.key) {
      case "ArrowDown":
        go(here + 1, false)
        break
      case "ArrowUp":
        go(here - 1, false)
        break
      case "PageDown":
        go(here + page, false)
        break
      case "PageUp":
        go(here - page, false)
        break
      case "Home":
        if (window.isStart) go(0, false)
        else void log.toStart()
        break
      case "End":
        if (window.isLive) go(events.length - 1, false)
        log.follow(true)
        break
      case "Enter":
      case " ":
        if (at >= 0) go(at, true)
        break
      case "Escape":
        onClose()
        break
      default:
        return
    }
    event.preventDefault()
  }

  const inSight = at >= from && at < to
  return (
    <div
      ref={scroller}
      className={classes(styles.list, !isWide && styles.narrow)}
      role="listbox"
      aria-label="Events"
      tabIndex={0}
      aria-activedescendant={inSight ? `${id}${current}` : undefined}
      onKeyDown={onKeyDown}
      onClick={({ target }) => {
        const row = target instanceof Element ? target.closest<HTMLElement>("[data-seq]") : null
        const index = row === null ? -1 : indexOf(events, Number(row.dataset.seq))
        if (index >= 0) go(index, true)
      }}
    >
      <div role="presentation" className={styles.rows} style={{ height: events.length * rowHeight }}>
        {events.slice(from, to).map((event, offset) => (
          <EventRow
            key={event.seq}
            id={`${id}${event.seq}`}
            event={event}
            height={rowHeight}
            top={(from + offset) * rowHeight}
            current={event.seq === current}
          />
        ))}
      </div>
    </div>
  )
}

/** By halves: `seq` grows along the list. */
const indexOf = (events: ReadonlyArray<Event>, seq: number): number => {
  let low = 0
  let high = events.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = events[middle]?.seq ?? 0
    if (found === seq) return middle
    if (found < seq) low = middle + 1
    else high = middle - 1
  }
  return -1
}
