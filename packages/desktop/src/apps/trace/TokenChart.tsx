/** Tokens by step of one run, drawn on a canvas: what went in (and was cached of it), what came out. */
import type { TimelineStep } from "@choiros/protocol"
import { useEffect, useMemo, useRef } from "react"
import uPlot from "uplot"
import "uplot/dist/uPlot.min.css"
import { useStore } from "zustand"
import { preferencesStore } from "../../state/preferences.ts"
import { counted, tokens } from "../../ui/format.ts"
import { useWidth } from "../choir/useWidth.ts"
import { stepLook } from "./stepLook.ts"
import styles from "./Tokens.module.css"

interface TokenChartProps {
  readonly steps: ReadonlyArray<TimelineStep>
  readonly chosen: number | null
  readonly onSelect: (step: number) => void
  readonly onPoint: (step: number | null) => void
}

const height = 190
/** Narrower than this, a step has no bar of its own to point at: the chart is as wide as its pane in any case. */
const barShare = 0.7

const TokenChart = ({ steps, chosen, onSelect, onPoint }: TokenChartProps) => {
  const frame = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  const width = useWidth(frame)
  const theme = useStore(preferencesStore, ({ contrast, theme: look }) => `${look} ${contrast}`)
  const data = useMemo(() => dataOf(steps), [steps])
  const latest = useRef({ data, chosen, onSelect, onPoint })
  latest.current = { data, chosen, onSelect, onPoint }

  // The chart is made anew for another width or look; what it shows changes in place.
  useEffect(() => {
    const element = frame.current
    if (element === null || width === 0 || theme === "") return
    const look = getComputedStyle(element)
    const colour = (name: string) => look.getPropertyValue(name).trim()
    const stepUnder = ({ cursor }: uPlot): number | null =>
      cursor.idx === null || cursor.idx === undefined ? null : (latest.current.data[0][cursor.idx] ?? null)
    const bars = uPlot.paths.bars?.({ size: [barShare, 40], align: 0 })
    const series = (fill: string): uPlot.Series => ({
      fill,
      stroke: fill,
      width: 0,
      points: { show: false },
      ...(bars === undefined ? {} : { paths: bars })
    })
    const axis = { stroke: colour("--text-muted"), font: `11px ${colour("--font-ui")}`, ticks: { show: false } }
    const made = new uPlot(
      {
        width,
        height,
        legend: { show: false },
        cursor: { y: false, points: { show: false }, drag: { setScale: false, x: false, y: false } },
        scales: {
          x: { time: false, range: (_, min, max) => [min - 0.6, Math.max(max, min + 8) + 0.6] },
          y: { range: (_, __, max) => [0, Math.max(10, max * 1.08)] }
        },
        axes: [
          {
            ...axis,
            size: 26,
            grid: { show: false },
            incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000]
          },
          { ...axis, size: 48, grid: { stroke: colour("--border"), width: 1 }, values: (_, ticks) => ticks.map(tokens) }
        ],
        series: [{}, series(colour("--state-done")), series(colour("--accent")), series(colour("--text-faint"))],
        hooks: {
          setCursor: [(plot) => latest.current.onPoint(stepUnder(plot))],
          ready: [
            (plot) =>
              plot.over.addEventListener("click", () => {
                const step = stepUnder(plot)
                if (step !== null) latest.current.onSelect(step)
              })
          ],
          draw: [
            (plot) => {
              const { chosen: step } = latest.current
              if (step === null) return
              plot.ctx.strokeStyle = colour("--text")
              plot.ctx.lineWidth = 2 * devicePixelRatio
              const half = (plot.valToPos(1, "x", true) - plot.valToPos(0, "x", true)) / 2
              const left = plot.valToPos(step, "x", true) - Math.min(half, 22 * devicePixelRatio)
              const wide = Math.min(2 * half, 44 * devicePixelRatio)
              plot.ctx.strokeRect(left, plot.bbox.top, wide, plot.bbox.height)
            }
          ]
        }
      },
      mutable(latest.current.data),
      element
    )
    chart.current = made
    return () => {
      chart.current = null
      made.destroy()
    }
  }, [width, theme])

  useEffect(() => chart.current?.setData(mutable(data)), [data])
  useEffect(() => {
    if (chosen !== undefined) chart.current?.redraw(false)
  }, [chosen])

  return <div ref={frame} className={styles.chart} role="img" aria-label={words(steps)} />
}

export default TokenChart

type Data = readonly [ReadonlyArray<number>, ReadonlyArray<number>, ReadonlyArray<number>, ReadonlyArray<number>]

/** Each bar stands before the one that is taller: in and out, in, what of that was cached. */
const dataOf = (steps: ReadonlyArray<TimelineStep>): Data => {
  const shown = steps.filter(({ step }) => step > 0)
  const of = shown.map((step) => stepLook(step).tokens)
  return [
    shown.map(({ step }) => step),
    of.map(({ input, output }) => input + output),
    of.map(({ input }) => input),
    of.map(({ cached }) => cached)
  ]
}

const mutable = (data: Data): [Array<number>, Array<number>, Array<number>, Array<number>] => [
  [...data[0]],
  [...data[1]],
  [...data[2]],
  [...data[3]]
]

const words = (steps: ReadonlyArray<TimelineStep>): string => {
  const of = steps.map((step) => stepLook(step).tokens)
  const sum = (pick: (one: (typeof of)[number]) => number) => of.reduce((all, one) => all + pick(one), 0)
  const [read, said] = [sum(({ input }) => input), sum(({ output }) => output)]
  return `Tokens in ${counted(steps.length, "step")}: ${tokens(read)} in, ${tokens(said)} out`
}
