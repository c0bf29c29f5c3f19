/**
 * What the page's main thread did, frame by frame, from a trace of the browser.
 *
 * A frame's work is all that the thread did since the frame before it was through, and the frame itself: what a person
 * waits for. Work is processor time of that thread, so that a busy neighbour does not count as ours; the time on the clock
 * stands beside it, and has the neighbours in it.
 */
import { writeFileSync } from "node:fs"
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
  readonly args?: { readonly data?: { readonly message?: string } }
}

/** Frames after the work in which what it has held up is drawn. */
const afterwards = 2
const marks = { begin: "work begins", end: "work is over" } as const
const categories = ["devtools.timeline", "disabled-by-default-devtools.timeline"]
/** For a person who looks at the trace (TRACE_FILE), not for the figures: it takes time of its own. */
const profiler = "disabled-by-default-v8.cpu_profiler"
/** Every frame of the main thread has one, and nothing else does. */
const ofFrame = "Layerize"

/**
 * Traces the page while something goes on: from its beginning, and not from the tracing's, until what it has held up is
 * drawn.
 */
export const traced = async (browser: Browser, page: Page, work: () => Promise<unknown>): Promise<Frames> => {
  const path = process.env.TRACE_FILE
  await browser.startTracing(page, { categories: path === undefined ? categories : [...categories, profiler] })
  await page.evaluate((name) => console.timeStamp(name), marks.begin)
  await work()
  await page.evaluate(async (frames) => {
    for (let frame = 0; frame < frames; frame++) await new Promise(requestAnimationFrame)
  }, afterwards)
  await page.evaluate((name) => console.timeStamp(name), marks.end)
  const text = (await browser.stopTracing()).toString()
  if (path !== undefined) writeFileSync(path, text)
  const { traceEvents }: { readonly traceEvents: ReadonlyArray<TraceEvent> } = JSON.parse(text)
  return framesOf(traceEvents)
}

const framesOf = (all: ReadonlyArray<TraceEvent>): Frames => {
  const at = (mark: string): number => {
    const found = all.find(({ args, name }) => name === "TimeStamp" && args?.data?.message === mark)
    if (found === undefined) throw new Error(`The trace does not say where it has its ${mark}`)
    return found.ts
  }
  const [begin, end] = [at(marks.begin), at(marks.end)]
  const events = all.filter(({ ts }) => ts >= begin && ts <= end)
  const frames = events.filter(({ name, ph }) => name === ofFrame && ph === "X")
  const main = mostFrequent(frames.map(({ pid, tid }) => `${pid}/${tid}`))
  const ofMain = ({ pid, tid }: TraceEvent) => `${pid}/${tid}` === main
  const tasks = events
    .filter((event) => event.name === "RunTask" && event.ph === "X" && ofMain(event))
    .map(({ dur = 0, tdur = 0, ts }): Task => ({ at: ts / 1e3, clock: dur / 1e3, cpu: tdur / 1e3 }))
    .sort((a, b) => a.at - b.at)
  const drawn = frames
    .filter(ofMain)
    .map(({ ts }) => ts / 1e3)
    .sort((a, b) => a - b)
  const cpu: Array<number> = []
  const clock: Array<number> = []
  let [frame, cpuNow, clockNow] = [0, 0, 0]
  for (const task of tasks) {
    cpuNow += task.cpu
    clockNow += task.clock
    const before = frame
    while (frame < drawn.length && (drawn[frame] ?? 0) <= task.at + task.clock) frame++
    if (frame === before) continue
    // What was before the first one began before the trace did.
    if (before > 0) {
      cpu.push(cpuNow)
      clock.push(clockNow)
    }
    cpuNow = 0
    clockNow = 0
  }
  return { cpu, clock, tasks }
}

/** Of several traces together. */
export const joined = (all: ReadonlyArray<Frames>): Frames => ({
  cpu: all.flatMap(({ cpu }) => cpu),
  clock: all.flatMap(({ clock }) => clock),
  tasks: all.flatMap(({ tasks }) => tasks)
})

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
