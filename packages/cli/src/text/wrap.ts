/**
 * Breaks a line into rows of a width: between words where it can, within a word where it must.
 *
 * Law: rows hold every character of the line in order, but for the spaces at a break; a longer line begins with the same
 * rows, except the last.
 */
import { graphemes, type Row, type Span, widthOfGrapheme, widthOfRow } from "./Span.ts"

/** `at`: where its text begins in the source of the line. */
export interface SourceSpan extends Span {
  readonly at: number
}

export interface WrappedRow {
  readonly row: Row
  /** Where the row begins in the source. */
  readonly at: number
}

export interface Indent {
  readonly first: Row
  readonly rest: Row
}

const noIndent: Indent = { first: [], rest: [] }

interface Cell {
  readonly text: string
  readonly sgr: string
  readonly width: number
  readonly at: number
}

export const wrap = (
  line: ReadonlyArray<SourceSpan>,
  width: number,
  indent: Indent = noIndent
): ReadonlyArray<WrappedRow> => {
  const rows: Array<WrappedRow> = []
  let cells: Array<Cell> = []
  let used = 0
  let breakAfter = 0

  const room = (): number => Math.max(1, width - widthOfRow(rows.length === 0 ? indent.first : indent.rest))
  const emit = (count: number): void => {
    const lead = rows.length === 0 ? indent.first : indent.rest
    rows.push({ row: [...lead, ...toSpans(trimEnd(cells.slice(0, count)))], at: cells[0]?.at ?? 0 })
    cells = cells.slice(count)
    used = cells.reduce((sum, cell) => sum + cell.width, 0)
    breakAfter = 0
  }

  for (const cell of toCells(line)) {
    if (cell.text === " ") {
      if (used < room()) {
        cells.push(cell)
        used += 1
      }
      // A space beyond the edge is the break itself.
      breakAfter = cells.length
      continue
    }
    while (used + cell.width > room() && cells.length > 0) emit(breakAfter > 0 ? breakAfter : cells.length)
    cells.push(cell)
    used += cell.width
    // Scripts of wide characters are written without spaces.
    if (cell.width === 2) breakAfter = cells.length
  }
  emit(cells.length)
  return rows
}

function* toCells(line: ReadonlyArray<SourceSpan>): Generator<Cell> {
  for (const { at, sgr, text } of line) {
    let offset = at
    for (const one of graphemes(text)) {
      yield { text: one, sgr, width: widthOfGrapheme(one), at: offset }
      offset += one.length
    }
  }
}

const trimEnd = (cells: ReadonlyArray<Cell>): ReadonlyArray<Cell> => {
  const last = cells.findLastIndex((cell) => cell.text !== " ")
  return cells.slice(0, last + 1)
}

const toSpans = (cells: ReadonlyArray<Cell>): Row => {
  const spans: Array<{ text: string; sgr: string }> = []
  for (const { sgr, text } of cells) {
    const last = spans.at(-1)
    if (last?.sgr === sgr) last.text += text
    else spans.push({ text, sgr })
  }
  return spans
}
