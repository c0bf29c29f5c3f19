/** Where neighbours that are snapped meet: one line to move for all of them. */
import { type PointerEvent, useMemo } from "react"
import { useStore } from "zustand"
import { desktopStore } from "../state/desktop.ts"
import { areaStore, setSplit } from "./area.ts"
import { follow } from "./gesture.ts"
import { splittersOf } from "./splitters.ts"
import styles from "./Windows.module.css"

const thickness = 10
const least = 0.15
const step = 0.02

export const SnapSplitters = () => {
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const places = useMemo(() => splittersOf(windows), [windows])
  const { area, layout, split } = useStore(areaStore)
  // Panes meet where they meet: no zone is drawn there.
  if (layout !== "windows") return null
  const x = area.width * split.x
  const y = area.height * split.y
  return places.map(({ at, index }) =>
    at === "x" ? (
      <Splitter
        key={at}
        axis="x"
        x={x - thickness / 2}
        y={0}
        width={thickness}
        height={area.height}
        order={index + 1}
      />
    ) : (
      <Splitter
        key={at}
        axis="y"
        x={at === "left" ? 0 : x}
        y={y - thickness / 2}
        width={at === "left" ? x : area.width - x}
        height={thickness}
        order={index + 1}
      />
    )
  )
}

interface SplitterProps {
  readonly axis: "x" | "y"
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** That of the window that it lies over: it comes after the windows in the page. */
  readonly order: number
}

const Splitter = ({ axis, height, order, width, x, y }: SplitterProps) => {
  const value = useStore(areaStore, ({ split }) => split[axis])
  const set = (part: number) => {
    const { split } = areaStore.getState()
    setSplit({ ...split, [axis]: Math.min(1 - least, Math.max(least, part)) })
  }
  const pressed = (event: PointerEvent<HTMLElement>) => {
    const { area, split } = areaStore.getState()
    follow(event.nativeEvent, event.currentTarget, {
      begin: () => undefined,
      move: (_, by) => set(split[axis] + (axis === "x" ? by.x / area.width : by.y / area.height)),
      end: (how) => {
        if (how === "reverted") setSplit(split)
      }
    })
  }
  return (
    <div
      role="separator"
      tabIndex={0}
      aria-label={axis === "x" ? "Between the windows beside each other" : "Between the windows above each other"}
      aria-orientation={axis === "x" ? "vertical" : "horizontal"}
      aria-valuenow={Math.round(value * 100)}
      aria-valuemin={least * 100}
      aria-valuemax={(1 - least) * 100}
      className={styles.splitter}
      data-axis={axis}
      style={{ width, height, transform: `translate(${x}px, ${y}px)`, zIndex: order }}
      onPointerDown={pressed}
      onDoubleClick={() => set(0.5)}
      onKeyDown={(event) => {
        const by = { ArrowLeft: -step, ArrowUp: -step, ArrowRight: step, ArrowDown: step }[event.key]
        if (by === undefined) return
        event.preventDefault()
        set(value + by)
      }}
    />
  )
}
