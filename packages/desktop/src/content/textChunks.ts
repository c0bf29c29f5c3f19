/**
 * A text that grows, in chunks of whole blocks, so that a token costs the last chunk and not the whole answer.
 *
 * Law: a cut never moves. The chunks of a text are those of its beginning, and what comes after; all together are the text.
 */

/** Characters after which a chunk ends at the next block that can stand for itself. */
const comfortable = 2_000
/** Characters after which it ends at any blank line outside of code and formulas. */
const long = 16_000

/** HTML that may hold blank lines, and what is between them. */
const holding = /<(\/?)(?:blockquote|center|details|div|ol|section|table|ul)\b/gi
const inlineCode = /`[^`]*`/g
const opening = /^\s*(`{3,}|~{3,})/
/** What may go on a list, a table, a quote or raw HTML that began before the blank line, or define what it refers to. */
const dependent = /^(?:\s|\d|[-+>|<[=~:$]|\*(?!\*))/

export class TextChunks {
  readonly #starts: Array<number> = [0]
  readonly #closed: Array<string> = []
  /** Where the first line begins that was not looked at. */
  #next = 0
  #fence: string | null = null
  #formula = false
  #afterBlank = false
  /** Elements of HTML that are open. */
  #depth = 0

  /** The chunks of `text`, which begins with what it was given before. */
  of(text: string): ReadonlyArray<string> {
    for (;;) {
      const end = text.indexOf("\n", this.#next)
      if (end < 0) break
      this.#look(text.slice(this.#next, end), text)
      this.#next = end + 1
    }
    return [...this.#closed, text.slice(this.#starts.at(-1) ?? 0)]
  }

  #look(line: string, text: string): void {
    const blank = line.trim() === ""
    if (!blank && this.#afterBlank && this.#fence === null && !this.#formula) this.#mayCut(line, text)
    this.#afterBlank = blank
    const fence = opening.exec(line)?.[1]
    if (this.#fence !== null) {
      if (fence?.startsWith(this.#fence) === true && line.trim() === fence) this.#fence = null
      return
    }
    for (const [, closing] of line.replaceAll(inlineCode, "").matchAll(holding)) {
      this.#depth = Math.max(0, this.#depth + (closing === "" ? 1 : -1))
    }
    if (fence !== undefined) this.#fence = fence
    else if ((line.split("$$").length - 1) % 2 === 1) this.#formula = !this.#formula
  }

  #mayCut(line: string, text: string): void {
    const from = this.#starts.at(-1) ?? 0
    const length = this.#next - from
    if (length < comfortable || (length < long && (this.#depth > 0 || dependent.test(line)))) return
    this.#closed.push(text.slice(from, this.#next))
    this.#starts.push(this.#next)
  }
}

export const chunksOf = (text: string): ReadonlyArray<string> =>
  text.length < comfortable ? [text] : new TextChunks().of(text)
