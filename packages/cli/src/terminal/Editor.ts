/**
 * What is being typed: text of several lines, a cursor, and what was typed before.
 *
 * Law: nothing typed is lost but by the user's own hand: going through what was before keeps the draft.
 */
import { graphemes, look, type Row, span, widthOf } from "../text/Span.ts"
import { wrap } from "../text/wrap.ts"
import type { Cursor } from "./Screen.ts"

const prompt = "› "

export class Editor {
  #text = ""
  #cursor = 0
  readonly #past: Array<string> = []
  /** Which of the past is shown; null: the draft. */
  #shown: number | null = null
  #draft = ""

  get text(): string {
    return this.#text
  }

  /** Takes the text away, and remembers it. */
  take(): string {
    const text = this.#text
    if (text.trim() !== "" && this.#past.at(-1) !== text) this.#past.push(text)
    this.clear()
    return text
  }

  clear(): void {
    this.#set("", 0)
    this.#shown = null
    this.#draft = ""
  }

  remember(text: string): void {
    this.#past.push(text)
  }

  insert(text: string): void {
    this.#set(this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor), this.#cursor + text.length)
  }

  left(): void {
    this.#cursor = this.#before()
  }

  right(): void {
    this.#cursor = this.#after()
  }

  wordLeft(): void {
    this.#cursor = this.#wordBefore()
  }

  wordRight(): void {
    const rest = /^\s*\S+/.exec(this.#text.slice(this.#cursor))
    this.#cursor += rest === null ? this.#text.length - this.#cursor : rest[0].length
  }

  home(): void {
    this.#cursor = this.#lineStart()
  }

  end(): void {
    this.#cursor = this.#lineEnd()
  }

  backspace(): void {
    this.#remove(this.#before(), this.#cursor)
  }

  delete(): void {
    this.#remove(this.#cursor, this.#after())
  }

  deleteWord(): void {
    this.#remove(this.#wordBefore(), this.#cursor)
  }

  deleteToStart(): void {
    this.#remove(this.#lineStart(), this.#cursor)
  }

  deleteToEnd(): void {
    const end = this.#lineEnd()
    this.#remove(this.#cursor, end === this.#cursor ? this.#after() : end)
  }

  /** A line up; above the first, what was typed before. */
  up(): void {
    const start = this.#lineStart()
    if (start === 0) {
      this.#recall(-1)
      return
    }
    const column = this.#cursor - start
    const above = this.#startOf(start - 1)
    this.#cursor = Math.min(above + column, start - 1)
  }

  down(): void {
    const end = this.#lineEnd()
    if (end === this.#text.length) {
      this.#recall(1)
      return
    }
    const column = this.#cursor - this.#lineStart()
    const below = end + 1
    const belowEnd = this.#text.indexOf("\n", below)
    this.#cursor = Math.min(below + column, belowEnd < 0 ? this.#text.length : belowEnd)
  }

  /** The rows around the cursor, at most `height`. */
  rows(width: number, height: number): { readonly rows: ReadonlyArray<Row>; readonly cursor: Cursor } {
    const rows: Array<Row> = []
    let cursor: Cursor = { row: 0, column: prompt.length }
    let at = 0
    for (const line of this.#text.split("\n")) {
      const lead = [span(rows.length === 0 ? prompt : "  ", `${look.bold};${look.accent}`)]
      const wrapped = wrap([{ text: line, sgr: "", at }], width, { first: lead, rest: [span("  ")] })
      wrapped.forEach(({ at: found, row }, index) => {
        const from = index === 0 ? at : found
        const next = wrapped[index + 1]?.at ?? at + line.length + 1
        if (this.#cursor >= from && this.#cursor < next) {
          const column = prompt.length + widthOf(this.#text.slice(from, this.#cursor))
          cursor = { row: rows.length, column: Math.min(column, width) }
        }
        rows.push(row)
      })
      at += line.length + 1
    }
    const first = Math.max(0, Math.min(cursor.row - height + 1 + Math.floor(height / 2), rows.length - height))
    return { rows: rows.slice(first, first + height), cursor: { ...cursor, row: cursor.row - first } }
  }

  #recall(step: -1 | 1): void {
    const from = this.#shown ?? this.#past.length
    const to = from + step
    if (to < 0 || to > this.#past.length) return
    if (this.#shown === null) this.#draft = this.#text
    this.#shown = to === this.#past.length ? null : to
    const text = this.#shown === null ? this.#draft : (this.#past[this.#shown] ?? "")
    this.#set(text, text.length)
  }

  #set(text: string, cursor: number): void {
    this.#text = text
    this.#cursor = cursor
  }

  #remove(from: number, to: number): void {
    this.#set(this.#text.slice(0, from) + this.#text.slice(to), from)
  }

  #before(): number {
    const [last = ""] = graphemes(this.#text.slice(this.#lineStart(), this.#cursor)).slice(-1)
    return Math.max(0, this.#cursor - Math.max(1, last.length))
  }

  #after(): number {
    const [first = ""] = graphemes(this.#text.slice(this.#cursor, this.#cursor + 64))
    return Math.min(this.#text.length, this.#cursor + first.length)
  }

  #wordBefore(): number {
    const word = /\S+\s*$/.exec(this.#text.slice(0, this.#cursor))
    return word === null ? 0 : word.index
  }

  #lineStart(): number {
    return this.#startOf(this.#cursor)
  }

  /** Where the line begins that has this place in it. */
  #startOf(place: number): number {
    return place === 0 ? 0 : this.#text.lastIndexOf("\n", place - 1) + 1
  }

  #lineEnd(): number {
    const end = this.#text.indexOf("\n", this.#cursor)
    return end < 0 ? this.#text.length : end
  }
}
