/**
 * The end of a terminal: rows that are written for good scroll away above, a few live rows below them are drawn anew.
 *
 * Law: only live rows are ever drawn over; what was settled is the terminal's, with its scrollback and selection.
 */
import type { WriteStream } from "node:tty"

export interface Cursor {
  readonly row: number
  readonly column: number
}

const beginUpdate = "\x1b[?2026h\x1b[?25l"
const endUpdate = "\x1b[?25h\x1b[?2026l"

export class Screen {
  readonly #out: WriteStream
  /** Columns of each live row, as they were drawn. */
  #live: ReadonlyArray<number> = []
  #cursor: Cursor = { row: 0, column: 0 }
  #drawn = ""

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** Rows to settle, then the live ones with the cursor in them. Rows are narrower than the terminal. */
  draw(
    settled: ReadonlyArray<string>,
    live: ReadonlyArray<{ readonly text: string; readonly width: number }>,
    cursor: Cursor
  ): void {
    const up = live.length - 1 - cursor.row
    const drawn = [
      ...live.map(({ text }) => text).join("\r\n"),
      "\r",
      up > 0 ? `\x1b[${up}A` : "",
      cursor.column > 0 ? `\x1b[${cursor.column}C` : ""
    ].join("")
    if (settled.length === 0 && drawn === this.#drawn) return
    const above = settled.map((row) => `${row}\r\n`).join("")
    this.#out.write(`${beginUpdate}${this.#erase()}${above}${drawn}${endUpdate}`)
    this.#live = live.map(({ width }) => width)
    this.#cursor = cursor
    this.#drawn = drawn
  }

  /** The terminal has another width, and has broken the live rows anew by itself. */
  resized(): void {
    this.#drawn = ""
  }

  /** Everything is drawn anew from the top of the terminal. */
  clear(): void {
    this.#out.write("\x1b[H\x1b[2J")
    this.#live = []
    this.#cursor = { row: 0, column: 0 }
    this.#drawn = ""
  }

  /** Leaves the terminal to whoever comes next: the live rows are gone. */
  leave(): void {
    this.#out.write(`${this.#erase()}\x1b[?25h`)
    this.#live = []
    this.#cursor = { row: 0, column: 0 }
    this.#drawn = ""
  }

  #erase(): string {
    if (this.#live.length === 0) return ""
    const columns = Math.max(1, this.#out.columns)
    const height = (width: number): number => Math.max(1, Math.ceil(width / columns))
    const above = this.#live.slice(0, this.#cursor.row).reduce((sum, width) => sum + height(width), 0)
    const up = above + Math.floor(this.#cursor.column / columns)
    return `\r${up > 0 ? `\x1b[${up}A` : ""}\x1b[J`
  }
}
