/**
 * Text that comes in pieces, as rows: whole lines are settled for good, the one that still grows is shown meanwhile.
 *
 * Law: every character of the text is settled once, in order, whatever the pieces were.
 */

import { type Fence, fenceAfter, type Laid, layMarkdown, plainLine } from "./markdown.ts"
import type { Row } from "./Span.ts"
import { span } from "./Span.ts"
import { sanitize } from "./sanitize.ts"
import { type WrappedRow, wrap } from "./wrap.ts"

export interface FlowLook {
  /** Markdown with looks; else the text as it stands, all in one look. */
  readonly markdown: boolean
  readonly sgr: string
  /** Columns on the left that stay empty. */
  readonly margin: number
}

export class Flow {
  readonly #look: FlowLook
  /** What has come of the last line, as it came. */
  #raw = ""
  #held: "" | "\r" = ""
  /** Characters of the last line, sanitized, that are settled: a paragraph may be longer than the screen. */
  #settled = 0
  #fence: Fence = ""

  constructor(look: FlowLook) {
    this.#look = look
  }

  /** Takes a piece; gives the rows that are settled by it. */
  push(piece: string, width: number): ReadonlyArray<Row> {
    const text = this.#held + piece
    // A line break may be two characters, and its second one may still be on its way.
    this.#held = text.endsWith("\r") ? "\r" : ""
    const lines = text.slice(0, text.length - this.#held.length).split(/\r\n|\n|\r|\u2028|\u2029/)
    const last = lines.pop() ?? ""
    const rows = lines.flatMap((line) => {
      this.#raw += line
      return this.#settleLine(width)
    })
    this.#raw += last
    return rows
  }

  /** The rows of the line that grows, at most `height`: what stands above them is settled. */
  live(width: number, height: number): { readonly settled: ReadonlyArray<Row>; readonly rows: ReadonlyArray<Row> } {
    if (this.#raw === "") return { settled: [], rows: [] }
    const rows = this.#lay(width)
    const over = rows.length - Math.max(1, height)
    if (over > 0) this.#settled += rows[over]?.at ?? 0
    return {
      settled: rows.slice(0, Math.max(0, over)).map(({ row }) => row),
      rows: rows.slice(Math.max(0, over)).map(({ row }) => row)
    }
  }

  /** The text is over, or something comes in between. */
  end(width: number): ReadonlyArray<Row> {
    this.#held = ""
    return this.#raw === "" ? [] : this.#settleLine(width)
  }

  #settleLine(width: number): ReadonlyArray<Row> {
    const line = sanitize(this.#raw)
    const rows = this.#lay(width).map(({ row }) => row)
    this.#fence = fenceAfter(line, this.#fence)
    this.#raw = ""
    this.#settled = 0
    return rows
  }

  #lay(width: number): ReadonlyArray<WrappedRow> {
    const { margin, markdown, sgr } = this.#look
    const whole = sanitize(this.#raw)
    const line = whole.slice(this.#settled)
    const laid: Laid = markdown ? layMarkdown(line, this.#fence, this.#settled > 0) : plainLine(line, sgr)
    if (laid.hidden) return []
    const pad = margin === 0 ? [] : [span(" ".repeat(margin))]
    return wrap(laid.spans, width, {
      first: [...pad, ...laid.indent.first],
      rest: [...pad, ...laid.indent.rest]
    })
  }
}
