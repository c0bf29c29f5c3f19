/** The time axis of the lanes. Pure. */
import type { ChoirCard } from "@choiros/protocol"

export const zooms = ["minute", "ten_minutes", "hour", "all"] as const
export type Zoom = (typeof zooms)[number]

export const zoomWords: Readonly<Record<Zoom, string>> = {
  minute: "1 min",
  ten_minutes: "10 min",
  hour: "1 h",
  all: "All"
}

const spans: Readonly<Record<Exclude<Zoom, "all">, number>> = { minute: 60_000, ten_minutes: 600_000, hour: 3_600_000 }

/** Milliseconds that are in sight. `first`: when the earliest run began. */
export const spanOf = (zoom: Zoom, first: number, now: number): number =>
  zoom === "all" ? Math.max(60_000, (now - first) * 1.02) : spans[zoom]

/** The closest that shows all who are at work from their beginning, but for those of hours ago. */
export const zoomFor = (present: ReadonlyArray<ChoirCard>, now: number): Zoom => {
  const longest = Math.max(
    0,
    ...present.map(({ started_at }) => (started_at === null ? 0 : now - Date.parse(started_at)))
  )
  return longest < spans.minute ? "minute" : longest < spans.ten_minutes ? "ten_minutes" : "hour"
}

const grid = [
  1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
  7_200_000, 21_600_000, 43_200_000, 86_400_000, 604_800_000
]

/** The moments that are marked, at least `room` pixels apart. */
export const ticksOf = (from: number, to: number, width: number, room: number): ReadonlyArray<number> => {
  if (width <= 0 || to <= from) return []
  const least = ((to - from) / width) * room
  const every = grid.find((step) => step >= least) ?? grid.at(-1) ?? to - from
  // By the clock on the wall: a mark of an hour is a full hour here.
  const offset = new Date(from).getTimezoneOffset() * 60_000
  const ticks: Array<number> = []
  for (let at = Math.ceil((from - offset) / every) * every + offset; at <= to; at += every) ticks.push(at)
  return ticks
}
