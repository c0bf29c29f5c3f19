/**
 * A swimlane an agent, on one time axis.
 *
 * Law: only lanes in sight are read and drawn; the axis moves with the clock as long as its end is now, and stands still as
 * soon as a person looks back.
 */
import type { ChoirCard } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { ChevronLeft, ChevronRight } from "lucide-react"
import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react"
import { Button } from "../../ui/Button.tsx"
import { clockTime, duration } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { present } from "../../ui/present.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { AgentContextMenu } from "./AgentMenus.tsx"
import { Lane, type Pointed } from "./Lane.tsx"
import styles from "./Lanes.module.css"
import { spanOf, ticksOf, type Zoom, zoomFor, zooms, zoomWords } from "./laneScale.ts"
import type { Room } from "./room.ts"
import { kindColour, kindWords, segmentKinds } from "./segments.ts"
import { useLiveNow } from "./useLive.ts"
import { useWidth } from "./useWidth.ts"

interface LanesProps {
  readonly room: Room
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

const rowHeight = 40
const options = zooms.map((value) => ({ value, label: zoomWords[value] }))

export const Lanes = ({ room, offline, onWhisper }: LanesProps) => {
  const [zoom, setZoom] = useState(() => zoomFor(room.present, present()))
  /** The moment at the right edge; null: now. */
  const [end, setEnd] = useState<number | null>(null)
  const now = useLiveNow(zoom === "minute" ? 250 : 1_000)
  const all = [...room.present, ...room.today, ...room.earlier]
  const first = all.reduce((least, { started_at }) => Math.min(least, Date.parse(started_at ?? "") || least), now)
  const to = end ?? now
  const span = spanOf(zoom, first, now)
  const from = to - span
  const rows = all.filter((card) => isIn(card, from, to))

  const scroll = useRef<HTMLDivElement>(null)
  const axis = useRef<HTMLDivElement>(null)
  const width = useWidth(axis)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.run_id ?? index,
    overscan: 4
  })

  const [pointed, setPointed] = useState<Pointed | null>(null)
  const onPoint = useCallback((at: Pointed | null) => setPointed(at), [])

  const pan = useCallback((by: number) => setEnd((before) => clampedEnd((before ?? present()) + by, first)), [first])
  const choose = useCallback((chosen: Zoom) => {
    setZoom(chosen)
    if (chosen === "all") setEnd(null)
  }, [])
  const zoomBy = useCallback(
    (by: number) => {
      const next = zooms[zooms.indexOf(zoom) + by]
      if (next !== undefined) choose(next)
    },
    [zoom, choose]
  )
  useWheel(scroll, width === 0 ? 0 : span / width, zoom === "all" ? null : pan, zoomBy)
  const drag = useDragPan(width === 0 || zoom === "all" ? 0 : span / width, end ?? now, setEnd, first)

  return (
    <div className={styles.lanes}>
      <div className={styles.controls}>
        <SegmentedControl label="Time in sight" options={options} value={zoom} onChange={choose} />
        <IconButton
          label="Look further back"
          size="s"
          disabled={zoom === "all"}
          icon={<ChevronLeft size={16} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => pan(-span / 2)}
        />
        <IconButton
          label="Look further on"
          size="s"
          disabled={end === null}
          icon={<ChevronRight size={16} strokeWidth={1.75} aria-hidden="true" />}
          onClick={() => pan(span / 2)}
        />
        {end !== null && (
          <Button size="s" onClick={() => setEnd(null)}>
            Back to now
          </Button>
        )}
        <ul className={styles.legend} aria-label="What the colours mean">
          {segmentKinds.map((kind) => (
            <li key={kind}>
              <span className={styles.swatch} style={{ background: `var(${kindColour[kind]})` }} />
              {kindWords[kind]}
            </li>
          ))}
        </ul>
      </div>
      <div className={styles.axisRow}>
        <div ref={axis} className={styles.axis} aria-hidden="true">
          {ticksOf(from, to, width, 76).map((at) => (
            <span
              key={at}
              className={styles.tick}
              style={{ transform: `translateX(${((at - from) / span) * width}px)` }}
            >
              {clockTime(new Date(at).toISOString(), span < 600_000)}
            </span>
          ))}
        </div>
      </div>
      <AgentContextMenu offline={offline} onWhisper={onWhisper}>
        <div ref={scroll} className={styles.scroll} {...drag}>
          {rows.length === 0 ? (
            <p className={styles.nothing}>
              Nobody was at work in this time.
              <Button size="s" variant="ghost" onClick={() => choose("all")}>
                Show all
              </Button>
            </p>
          ) : (
            <ul className={styles.rows} style={{ height: list.getTotalSize() }} aria-label="Lanes of the agents">
              {list.getVirtualItems().map(({ index, key, start }) => {
                const card = rows[index]
                return (
                  card !== undefined && (
                    <Lane
                      key={key}
                      card={card}
                      top={start}
                      from={from}
                      to={to}
                      now={now}
                      width={width}
                      onPoint={onPoint}
                    />
                  )
                )
              })}
            </ul>
          )}
        </div>
      </AgentContextMenu>
      <p className={styles.pointed} aria-live="off">
        {pointed === null ? "Point at a bar to read it; press it to open the run there." : wordsOf(pointed, now)}
      </p>
    </div>
  )
}

const isIn = ({ ended_at, started_at }: ChoirCard, from: number, to: number): boolean =>
  started_at !== null && Date.parse(started_at) <= to && (ended_at === null || Date.parse(ended_at) >= from)

/** Null where that is now, or later. */
const clampedEnd = (end: number, first: number): number | null =>
  end >= present() ? null : Math.max(end, first + 1_000)

const wordsOf = ({ agent, segment }: Pointed, now: number): string =>
  `${agent}, step ${segment.step}: ${kindWords[segment.kind].toLowerCase()} (${segment.label}), ${duration(
    (segment.to ?? now) - segment.from
  )} from ${clockTime(new Date(segment.from).toISOString(), true)}`

/** Sideways moves in time, with Ctrl it zooms; up and down stays what it is. */
const useWheel = (
  of: { readonly current: HTMLElement | null },
  perPixel: number,
  pan: ((by: number) => void) | null,
  zoomBy: (by: number) => void
): void => {
  useEffect(() => {
    const element = of.current
    if (element === null) return
    let turned = 0
    const onWheel = (event: WheelEvent) => {
      if (event.ctrlKey) {
        event.preventDefault()
        turned += event.deltaY
        if (Math.abs(turned) < 60) return
        zoomBy(turned > 0 ? 1 : -1)
        turned = 0
        return
      }
      const sideways = event.shiftKey && event.deltaX === 0 ? event.deltaY : event.deltaX
      if (sideways === 0 || pan === null) return
      event.preventDefault()
      pan(sideways * perPixel)
    }
    element.addEventListener("wheel", onWheel, { passive: false })
    return () => element.removeEventListener("wheel", onWheel)
  }, [of, perPixel, pan, zoomBy])
}

const dragsAfter = 4

/** Drags the time, from an empty place or a bar. A drag is no press on a bar. */
const useDragPan = (perPixel: number, end: number, setEnd: (end: number | null) => void, first: number) => {
  const held = useRef<{ readonly x: number; readonly end: number; moved: boolean } | null>(null)
  return {
    onPointerDown: (event: PointerEvent<HTMLDivElement>) => {
      const onLane = event.target instanceof HTMLCanvasElement
      if (event.button === 0 && perPixel > 0 && onLane) held.current = { x: event.clientX, end, moved: false }
    },
    onPointerMove: (event: PointerEvent<HTMLDivElement>) => {
      const from = held.current
      if (from === null) return
      const by = from.x - event.clientX
      if (!from.moved && Math.abs(by) < dragsAfter) return
      if (!from.moved) event.currentTarget.setPointerCapture(event.pointerId)
      from.moved = true
      setEnd(clampedEnd(from.end + by * perPixel, first))
    },
    onPointerUp: () => {
      held.current = null
    },
    onPointerCancel: () => {
      held.current = null
    }
  }
}
