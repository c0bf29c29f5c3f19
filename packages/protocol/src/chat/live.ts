/**
 * What a model says now, beyond what the log holds of it: deltas, lined up by their offsets.
 *
 * Law: text is shown once and without a hole, whatever order deltas and checkpoints come in. A delta that leaves a gap waits
 * until the gap is filled; what is over takes nothing more.
 */

export interface Live {
  /** Of the call that it belongs to; null where nothing is live. */
  readonly message_id: string | null
  readonly text: string
  readonly reasoning: string
}

export const nothingLive: Live = { message_id: null, text: "", reasoning: "" }

/** One kind of text of a call. Offsets count UTF-16 code units. */
export class LiveText {
  /** How far the log holds it. */
  #known = 0
  /** Pieces beyond that, in order, none touching another. */
  #pieces: Array<{ readonly offset: number; readonly text: string }> = []

  /** A piece that nobody stores. */
  delta(offset: number, text: string): void {
    if (text === "" || offset < 0 || offset + text.length <= this.#known) return
    let start = offset
    let whole = text
    const apart: Array<{ readonly offset: number; readonly text: string }> = []
    for (const piece of this.#pieces) {
      const touches = piece.offset <= start + whole.length && start <= piece.offset + piece.text.length
      if (!touches) {
        apart.push(piece)
        continue
      }
      const [first, second] =
        piece.offset <= start ? [piece, { offset: start, text: whole }] : [{ offset: start, text: whole }, piece]
      start = first.offset
      whole = first.text + second.text.slice(Math.max(0, first.offset + first.text.length - second.offset))
    }
    this.#pieces = [...apart, { offset: start, text: whole }].sort((a, b) => a.offset - b.offset)
  }

  /** A piece that the log holds from now on. */
  stored(offset: number, length: number): void {
    this.#known = Math.max(this.#known, offset + length)
    this.#pieces = this.#pieces
      .filter((piece) => piece.offset + piece.text.length > this.#known)
      .map((piece) =>
        piece.offset >= this.#known
          ? piece
          : { offset: this.#known, text: piece.text.slice(this.#known - piece.offset) }
      )
  }

  /** What follows on what the log holds. */
  get shown(): string {
    const [next] = this.#pieces
    return next === undefined || next.offset > this.#known ? "" : next.text.slice(this.#known - next.offset)
  }
}
