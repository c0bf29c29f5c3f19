/**
 * What a benchmark says at its end: one line a measure, with its limit, its peer, and whether it held.
 *
 * Law: a line that has a limit is held or it is not; a measure that could not be taken ends the run with exit code 1.
 */
import { appendFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import type { Calibration } from "./calibration.ts"

export interface Line {
  readonly measure: string
  readonly measured: string
  readonly peer?: string
  /** Of ours to the peer's, as the median of the pairs. */
  readonly ratio?: string
  /** Each limit in words, and whether it held. */
  readonly limits?: ReadonlyArray<readonly [limit: string, held: boolean]>
}

const heads = ["measure", "ours", "peer", "median of pairs", "limit", ""] as const

export const report = (title: string, lines: ReadonlyArray<Line>, calibration?: Calibration): void => {
  const footer = calibration === undefined ? [] : [calibration.toString()]
  console.log(
    [`\n${title}\n`, ...rows(heads, lines.map(cells)), "", ...footer, machine()]
      .filter((line) => line !== null)
      .join("\n")
  )
  const path = process.env.BENCH_REPORT
  if (path !== undefined) for (const line of lines) appendFileSync(path, `${JSON.stringify(line)}\n`)
}

/** The lines of a report's table; also for what several runs said. */
export const summary = (lines: ReadonlyArray<Line>): string => rows(heads, lines.map(cells)).join("\n")

const cells = ({ limits = [], measure, measured, peer = "", ratio = "" }: Line): ReadonlyArray<string> => [
  measure,
  measured,
  peer,
  ratio,
  limits.map(([limit]) => limit).join("; "),
  limits.map(([, held]) => (held ? "held" : "NOT HELD")).join("; ")
]

/** Any other table. */
export const table = (title: string, head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): void => {
  console.log([`\n${title}\n`, ...rows(head, body)].join("\n"))
}

const rows = (head: ReadonlyArray<string>, body: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = head.map((cell, index) => Math.max(cell.length, ...body.map((row) => row[index]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>) =>
    `| ${row.map((cell, index) => (index === 0 ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0))).join(" | ")} |`
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)]
}

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(" ")}, Node ${process.versions.node}`

export const thousands = (value: number): string => Math.round(value).toLocaleString("en-US")
export const milliseconds = (value: number): string => `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ms`
export const times = (value: number): string => `${value.toFixed(value < 10 ? 2 : 1)} x`
export const percent = (value: number): string => `${Math.round(value * 100)} %`
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
