/**
 * The rows of a conversation, of which those are drawn that are seen.
 *
 * Law: within 48 px of the end it stays at the end; elsewhere, what is being read does not move.
 */
import { useVirtualizer } from "@tanstack/react-virtual"
import { ArrowDown } from "lucide-react"
import { type KeyboardEvent, memo, useCallback, useLayoutEffect, useMemo, useRef, useState } from "react"
import { scrollable } from "../../content/scrollable.ts"
import { Button } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import styles from "./ConversationList.module.css"
import type { Row } from "./conversationRows.ts"
import { newSince, thingsIn } from "./newThings.ts"
import { RowView } from "./RowView.tsx"

/** Pixels. */
const endWithin = 48
const overscan = 6

const estimates: Readonly<Record<Row["kind"], number>> = {
  user: 84,
  sending: 84,
  note: 34,
  head: 38,
  thinking: 28,
  text: 120,
  call_failed: 110,
  tool: 36,
  group: 28,
  event: 26,
  task: 34,
  foot: 44
}

export const ConversationList = memo(
  ({ rows, label }: { readonly rows: ReadonlyArray<Row>; readonly label: string }) => {
    const scroller = useRef<HTMLDivElement>(null)
    const keys = useKeys(rows)
    // What was there when the end was left; null at the end.
    const [left, setLeft] = useState<ReadonlySet<string> | null>(null)

    const getItemKey = useCallback((index: number) => keys[index] ?? index, [keys])
    const virtualizer = useVirtualizer({
      count: rows.length,
      getScrollElement: () => scroller.current,
      estimateSize: (index) => estimates[rows[index]?.kind ?? "text"],
      getItemKey,
      overscan,
      useFlushSync: false
    })

    const height = virtualizer.getTotalSize()
    const stuck = useRef(true)
    const top = useRef(0)
    const whole = useRef<HTMLDivElement>(null)
    // When what is drawn grows, or there is less room for it, the end is somewhere else. Told when the page is laid out: to
    // ask for the end sooner would have it laid out twice.
    useLayoutEffect(() => {
      const { current } = scroller
      if (current === null || whole.current === null) return
      const observer = new ResizeObserver(() => {
        if (!stuck.current) return
        current.scrollTop = current.scrollHeight
        // Who goes back in the same moment goes back from here.
        top.current = current.scrollTop
      })
      observer.observe(current)
      observer.observe(whole.current)
      return () => observer.disconnect()
    }, [])

    const onScroll = () => {
      const { current } = scroller
      if (current === null) return
      const { clientHeight, scrollHeight, scrollTop } = current
      // As it stands on the page: what was drawn last may not be measured yet.
      const atEnd = scrollHeight - clientHeight - scrollTop <= endWithin
      // Only going back leaves the end; that the end has moved on does not.
      if (atEnd) stuck.current = true
      else if (scrollTop < top.current) stuck.current = false
      top.current = scrollTop
      const isStuck = stuck.current
      setLeft((before) => (isStuck ? null : (before ?? thingsIn(rows))))
    }

    const toEnd = (): void => {
      const { current } = scroller
      stuck.current = true
      setLeft(null)
      if (current !== null) current.scrollTop = height
    }

    const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
      const { current } = scroller
      if (current === null || event.target !== current || event.altKey || event.ctrlKey || event.metaKey) return
      const most = current.clientHeight - endWithin
      if (event.key === "Home") current.scrollTop = 0
      else if (event.key === "End") toEnd()
      else if (event.key === "PageUp") current.scrollBy(0, -most)
      else if (event.key === "PageDown") current.scrollBy(0, most)
      else return
      event.preventDefault()
    }

    const items = virtualizer.getVirtualItems()
    const fresh = useMemo(() => (left === null ? 0 : newSince(left, rows)), [left, rows])
    return (
      <div className={styles.frame}>
        <div
          ref={scroller}
          className={styles.scroller}
          role="log"
          aria-live="off"
          aria-label={label}
          {...scrollable}
          onScroll={onScroll}
          onKeyDown={onKeyDown}
        >
          <div ref={whole} className={styles.whole} style={{ height }}>
            <div className={styles.drawn} style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}>
              {items.map(({ index, key }) => {
                const row = rows[index]
                return row === undefined ? null : (
                  <div key={key} ref={virtualizer.measureElement} data-index={index} className={styles.row}>
                    <RowView row={row} />
                  </div>
                )
              })}
            </div>
          </div>
        </div>
        {left === null ? null : (
          <Button
            size="s"
            className={styles.pill}
            icon={<ArrowDown size={14} strokeWidth={1.75} />}
            aria-label={fresh === 0 ? "Go to the end" : `${fresh} new, go to the end`}
            onClick={toEnd}
          >
            {fresh === 0 ? "To the end" : `${count(fresh)} new`}
          </Button>
        )}
      </div>
    )
  }
)
ConversationList.displayName = "ConversationList"

/** Another array only when a key has changed: what was measured stays. */
const useKeys = (rows: ReadonlyArray<Row>): ReadonlyArray<string> => {
  const before = useRef<ReadonlyArray<string>>([])
  return useMemo(() => {
    const known = before.current
    const same = known.length === rows.length && rows.every(({ key }, at) => key === known[at])
    if (!same) before.current = rows.map(({ key }) => key)
    return before.current
  }, [rows])
}
