/**
 * What the page's main thread did, frame by frame, from a trace of the browser.
 *
 * A frame lasts from the beginning of one to the beginning of the next: all tasks of the main thread that began within are
 * its work. Work is processor time of that thread, so that a busy neighbour does not count as ours; the time on the clock
 * stands beside it, and has the neighbours in it.
 */
import type { Browser, Page } from "playwright-core"
import { percentile } from "./measure.ts"
import { type Line, milliseconds } from "./report.ts"

interface Task {
  /** Milliseconds. */
  readonly at: number
  readonly clock: number
  readonly cpu: number
}

export interface Frames {
  /** Work of each frame, in milliseconds. */
  readonly cpu: ReadonlyArray<number>
  readonly clock: ReadonlyArray<number>
  readonly tasks: ReadonlyArray<Task>
}

interface TraceEvent {
  readonly name: string
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
}

const categories = ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"]

/** Traces the page while something goes on. */
export const traced = async (browser: Browser, page: Page, work: () => Promise<unknown>): Promise<Frames> => {
  await browser.startTracing(page, { categories })
  await work()
  const text = (await browser.stopTracing()).toString()
  const { traceEvents }: { readonly traceEvents: ReadonlyArray<TraceEvent> } = JSON.parse(text)
  return framesOf(traceEvents)
}

const framesOf = (events: ReadonlyArray<TraceEvent>): Frames => {
  const begins = events.filter(({ name, ph }) => name === "BeginMainThreadFrame" && ph !== "E")
  const main = mostFrequent(begins.map(({ pid, tid }) => `${pid}/${tid}`))
  const ofMain = ({ pid, tid }: TraceEvent) => `${pid}/${tid}` === main
  const tasks = events
    .filter((event) => event.name.endsWith("RunTask") && event.ph === "X" && ofMain(event))
    .map(({ dur = 0, tdur, ts }): Task => ({ at: ts / 1e3, clock: dur / 1e3, cpu: (tdur ?? dur) / 1e3 }))
    .sort((a, b) => a.at - b.at)
  const edges = begins
    .filter(ofMain)
    .map(({ ts }) => ts / 1e3)
    .sort((a, b) => a - b)
  const cpu = new Array<number>(Math.max(0, edges.length - 1)).fill(0)
  const clock = [...cpu]
  let frame = 0
  for (const task of tasks) {
    // The task that begins a frame begins a moment before the frame does.
    while (frame < edges.length && (edges[frame] ?? 0) < task.at + task.clock) frame++
    const index = frame - 1
    if (index < 0 || index >= cpu.length) continue
    cpu[index] = (cpu[index] ?? 0) + task.cpu
    clock[index] = (clock[index] ?? 0) + task.clock
  }
  return { cpu, clock, tasks }
}

const mostFrequent = (keys: ReadonlyArray<string>): string => {
  const counts = new Map<string, number>()
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  const [first] = [...counts].sort(([, a], [, b]) => b - a)
  if (first === undefined) throw new Error("The trace has no frames")
  return first[0]
}

const limits = { frame: 12, task: 50 } as const

export const frameLines = (what: string, { clock, cpu, tasks }: Frames): ReadonlyArray<Line> => {
  const p95 = percentile(cpu, 0.95)
  const longest = Math.max(0, ...tasks.map((task) => task.cpu))
  const all = (values: ReadonlyArray<number>) =>
    `p50 ${milliseconds(percentile(values, 0.5))}, p95 ${milliseconds(percentile(values, 0.95))}, max ${milliseconds(Math.max(0, ...values))}`
  return [
    {
      measure: `${what}: work a frame, of ${cpu.length}`,
      measured: all(cpu),
      peer: `on the clock: ${all(clock)}`,
      limits: [[`p95 ${limits.frame} ms`, p95 <= limits.frame]]
    },
    {
      measure: `${what}: longest task, of ${tasks.length}`,
      measured: milliseconds(longest),
      peer: `on the clock: ${milliseconds(Math.max(0, ...tasks.map((task) => task.clock)))}`,
      limits: [[`${limits.task} ms`, longest <= limits.task]]
    }
  ]
}
