import { type KeyboardEvent, type PointerEvent, type ReactNode, useLayoutEffect, useRef, useState } from "react"
import { classes } from "./classes.ts"
import styles from "./SplitPane.module.css"

type SplitPaneProps = {
  /** Where this browser remembers the size. */
  readonly storageKey?: string | undefined
  readonly first: ReactNode
  /** Null: the first has it all, and stays what it is when the second comes. */
  readonly second: ReactNode
  /** Pixels of the first pane. The second takes what is left. */
  readonly initial: number
  /** Pixels below which neither pane goes. */
  readonly min: number
  /** "row": side by side. "column": one above the other. */
  readonly direction?: "row" | "column" | undefined
  /** Names the separator for a screen reader: what it resizes. */
  readonly label?: string | undefined
  readonly className?: string | undefined
}

const step = 16

/** Two panes with a separator for pointer and arrow keys. A size that does not fit is clamped when drawn, never written back. */
export const SplitPane = ({
  storageKey,
  first,
  second,
  initial,
  min,
  direction = "row",
  label = "Resize",
  className
}: SplitPaneProps) => {
  const frame = useRef<HTMLDivElement>(null)
  const [size, setSize] = useState(() => remembered(storageKey) ?? initial)
  const [room, setRoom] = useState(0)
  const gesture = useRef<{ readonly from: number; readonly size: number } | null>(null)
  const row = direction === "row"

  useLayoutEffect(() => {
    const element = frame.current
    if (element === null) return
    const measure = () => setRoom(row ? element.clientWidth : element.clientHeight)
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [row])

  // A new size is drawn by React; what a gesture drew meanwhile is the same property.
  useLayoutEffect(() => {
    frame.current?.style.setProperty("--split-min", `${min}px`)
    draw(frame.current, size)
  }, [size, min])

  const most = Math.max(min, room - min)
  const clamped = (wanted: number) => Math.round(Math.min(most, Math.max(min, wanted)))
  const keep = (wanted: number) => {
    setSize(wanted)
    remember(storageKey, wanted)
  }
  const place = (event: PointerEvent) => (row ? event.clientX : event.clientY)
  const revert = () => {
    if (gesture.current === null) return
    gesture.current = null
    draw(frame.current, size)
  }

  const onPointerDown = (event: PointerEvent<HTMLHRElement>) => {
    if (event.button !== 0) return
    event.currentTarget.setPointerCapture(event.pointerId)
    gesture.current = { from: place(event), size: clamped(size) }
  }
  const onPointerMove = (event: PointerEvent<HTMLHRElement>) => {
    const held = gesture.current
    if (held !== null) draw(frame.current, clamped(held.size + place(event) - held.from))
  }
  const onPointerUp = (event: PointerEvent<HTMLHRElement>) => {
    const held = gesture.current
    gesture.current = null
    if (held !== null && place(event) !== held.from) keep(clamped(held.size + place(event) - held.from))
  }
  const onKeyDown = (event: KeyboardEvent<HTMLHRElement>) => {
    if (event.key === "Escape" && gesture.current !== null) {
      event.stopPropagation()
      return revert()
    }
    const wanted = keyed(event, clamped(size), min, most, row)
    if (wanted === undefined) return
    event.preventDefault()
    keep(clamped(wanted))
  }

  return (
    <div
      ref={frame}
      className={classes(styles.frame, row ? styles.row : styles.column, second === null && styles.alone, className)}
    >
      <div className={styles.first}>{first}</div>
      <hr
        hidden={second === null}
        tabIndex={0}
        aria-label={label}
        aria-orientation={row ? "vertical" : "horizontal"}
        aria-valuenow={clamped(size)}
        aria-valuemin={min}
        aria-valuemax={most}
        className={styles.separator}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
        onPointerUp={onPointerUp}
        onLostPointerCapture={revert}
        onKeyDown={onKeyDown}
        onDoubleClick={() => keep(initial)}
      />
      {second !== null && <div className={styles.second}>{second}</div>}
    </div>
  )
}

const draw = (frame: HTMLElement | null, size: number) => frame?.style.setProperty("--split-size", `${size}px`)

const keyed = (event: KeyboardEvent, size: number, min: number, most: number, row: boolean) => {
  switch (event.key) {
    case row ? "ArrowLeft" : "ArrowUp":
      return size - step
    case row ? "ArrowRight" : "ArrowDown":
      return size + step
    case "Home":
      return min
    case "End":
      return most
    default:
      return undefined
  }
}

const remembered = (storageKey: string | undefined) => {
  if (storageKey === undefined) return undefined
  try {
    const size = Number(localStorage.getItem(`choiros.split.${storageKey}`) ?? Number.NaN)
    return Number.isFinite(size) && size > 0 ? size : undefined
  } catch {
    // A browser that keeps nothing for us: the size is as good as new each time.
    return undefined
  }
}

const remember = (storageKey: string | undefined, size: number) => {
  if (storageKey === undefined) return
  try {
    localStorage.setItem(`choiros.split.${storageKey}`, String(size))
  } catch {
    // Full or forbidden: it holds until the page goes.
  }
}
