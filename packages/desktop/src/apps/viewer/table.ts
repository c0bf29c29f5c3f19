/** A table of texts, read in slices: a cell is its text, whatever a spreadsheet would make of it. */
import Papa from "papaparse"

export type Row = ReadonlyArray<string>

/** Rows that are read, and rows of a slice. */
const most = 500_000
const slice = 5_000

export interface TableReader {
  /** All rows so far: the same list, which grows. */
  readonly onRows: (rows: ReadonlyArray<Row>, done: boolean, cut: boolean) => void
}

/** Reads in slices with a break between them; returns the way to stop. */
export const readTable = (text: string, delimiter: string, { onRows }: TableReader): (() => void) => {
  const rows: Array<Row> = []
  let stopped = false
  Papa.parse<Array<string>>(text, {
    delimiter,
    skipEmptyLines: true,
    step: ({ data }, parser) => {
      if (stopped) return parser.abort()
      rows.push(data)
      if (rows.length >= most) return parser.abort()
      if (rows.length % slice !== 0) return
      onRows(rows, false, false)
      parser.pause()
      setTimeout(() => (stopped ? parser.abort() : parser.resume()))
    },
    complete: () => {
      if (!stopped) onRows(rows, true, rows.length >= most)
    }
  })
  return () => {
    stopped = true
  }
}

const texts = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" })

/** The order of the rows by a column, as indices: numbers as numbers, and what is empty last. */
export const orderBy = (rows: ReadonlyArray<Row>, column: number, down: boolean): ReadonlyArray<number> => {
  const keys = rows.map((row) => keyOf(row[column] ?? ""))
  const sign = down ? -1 : 1
  return rows
    .map((_, index) => index)
    .sort((a, b) => {
      const [first, second] = [keys[a], keys[b]]
      if (first === second) return a - b
      if (first === null || first === undefined) return 1
      if (second === null || second === undefined) return -1
      if (typeof first === "number" && typeof second === "number") return sign * (first - second) || a - b
      if (typeof first === "number") return -sign
      if (typeof second === "number") return sign
      return sign * texts.compare(first, second) || a - b
    })
}

const number = /^[+-]?(?:\d+(?:[ ,]\d{3})*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?$/i

const keyOf = (cell: string): number | string | null => {
  const text = cell.trim()
  if (text === "") return null
  return number.test(text) ? Number(text.replace(/[ ,]/g, "")) : text
}

/** Pixels that each column has, by what its first rows hold. */
export const widthsOf = (rows: ReadonlyArray<Row>): ReadonlyArray<number> => {
  const longest: Array<number> = []
  for (const row of rows.slice(0, 200)) {
    for (const [column, cell] of row.entries()) longest[column] = Math.max(longest[column] ?? 0, cell.length)
  }
  return Array.from(longest, (length) => Math.round(Math.min(44, Math.max(5, length ?? 0)) * 7.4 + 24))
}
