/** Tokens of each step, stacked, and the money so far as a line. What it shows the table beside it says in words. */
import { useEffect, useRef } from "react"
import uPlot from "uplot"
import { useStore } from "zustand"
import "uplot/dist/uPlot.min.css"
import { preferencesStore } from "../../state/preferences.ts"
import { money, tokens } from "../../ui/format.ts"
import styles from "./CostChart.module.css"
import type { CostSeries } from "./cost.ts"

const CostChart = ({ series, priced }: { readonly series: CostSeries; readonly priced: boolean }) => {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot | null>(null)
  // Its canvas takes no variables: with another look it is drawn anew.
  const { contrast, theme } = useStore(preferencesStore)
  const look = `${theme} ${contrast} ${priced}`
  const latest = useRef(series)
  latest.current = series

  useEffect(() => {
    const element = place.current
    if (element === null || look === "") return
    const plot = new uPlot(optionsFor(element, priced), dataOf(latest.current), element)
    chart.current = plot
    const observer = new ResizeObserver(() => plot.setSize(sizeOf(element)))
    observer.observe(element)
    return () => {
      observer.disconnect()
      plot.destroy()
      chart.current = null
    }
  }, [look, priced])

  useEffect(() => chart.current?.setData(dataOf(series)), [series])
  return <div ref={place} className={styles.chart} aria-hidden="true" />
}
export default CostChart

/** The highest of the stack is drawn first, and the lower ones over it. */
const dataOf = ({ cached, input, output, usd, x }: CostSeries): uPlot.AlignedData => [
  [...x],
  [...output],
  [...cached],
  [...input],
  [...usd]
]

const sizeOf = (element: HTMLElement) => ({ width: Math.max(200, element.clientWidth), height: 220 })

const optionsFor = (element: HTMLElement, priced: boolean): uPlot.Options => {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = `11px ${colour("--font-ui")}`
  const axis = {
    stroke: colour("--text-muted"),
    font,
    grid: { stroke: colour("--border"), width: 1 },
    ticks: { show: false }
  }
  const bars = uPlot.paths.bars?.({ size: [0.7, 40], align: 0 })
  const bar = (label: string, name: string): uPlot.Series => ({
    label,
    scale: "tokens",
    fill: colour(name),
    stroke: colour(name),
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars })
  })
  return {
    ...sizeOf(element),
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false } },
    scales: {
      x: { time: false, range: (_, low, high) => [low - 0.5, high + 0.5] },
      tokens: { range: (_, __, high) => [0, Math.max(10, high * 1.05)] },
      usd: { range: (_, __, high) => [0, high === 0 ? 1 : high * 1.05] }
    },
    axes: [
      { ...axis, size: 26, grid: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] },
      { ...axis, scale: "tokens", size: 48, values: (_, values) => values.map(tokens) },
      {
        ...axis,
        scale: "usd",
        side: 1,
        size: 52,
        show: priced,
        grid: { show: false },
        values: (_, values) => values.map(money)
      }
    ],
    series: [
      {},
      bar("Output", "--agent-5"),
      bar("From the cache", "--agent-8"),
      bar("Input", "--agent-1"),
      {
        label: "Cost so far",
        scale: "usd",
        show: priced,
        stroke: colour("--text"),
        width: 1.5,
        points: { show: false }
      }
    ]
  }
}
