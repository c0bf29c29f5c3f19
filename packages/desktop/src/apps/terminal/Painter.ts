/**
 * What is to be drawn, given to the terminal in pieces that leave room for everything else on the page.
 *
 * Law: every piece is drawn once, in order; no turn takes longer than a slice and one piece; after a full slice the page
 * gets frames of its own, and while a hand moves something the first piece waits for its frame, too. How far it is drawn is
 * told, and by that the server holds back what would pile up here.
 */

import { isHandMoving, nextFrame } from "../../ui/nextFrame.ts"

export interface Surface {
  readonly write: (data: string, drawn: () => void) => void
  readonly reset: () => void
}

export interface PainterClock {
  /** Milliseconds. */
  readonly now: () => number
  /** Milliseconds that a turn may take now. */
  readonly slice: () => number
  /** Calls back when it may be begun: at once, or when a hand leaves room. */
  readonly begin: (then: () => void) => void
  /** Calls back when the page has painted. */
  readonly afterPaint: (then: () => void) => void
}

interface Piece {
  readonly data: string
  /** Done in its place among what is drawn: a new size, for one. */
  readonly run: (() => void) | null
  /** Bytes of output up to its end; null within a frame. */
  readonly offset: number | null
  /** What is drawn starts anew with it. */
  readonly fresh: boolean
}

/** Characters drawn at once. */
const pieceLength = 4 * 1024
/** Milliseconds of a turn, and of one of the few that there are while a hand moves something. */
const slice = { alone: 4, besideHand: 8 } as const

export class Painter {
  readonly #surface: Surface
  readonly #clock: PainterClock
  readonly #drawn: (offset: number) => void
  #queue: Array<Piece> = []
  #next = 0
  #busy = false
  #closed = false

  /** `drawn` hears the offset up to which everything is drawn. */
  constructor(surface: Surface, clock: PainterClock, drawn: (offset: number) => void) {
    this.#surface = surface
    this.#clock = clock
    this.#drawn = drawn
  }

  /** In its turn, behind all that was pushed before. */
  after(run: () => void): void {
    this.#queue.push({ data: "", run, offset: null, fresh: false })
    this.#wake()
  }

  /** `fresh`: a whole screen; what waited before it need not be drawn any more. */
  push(data: string, offset: number | null, fresh = false): void {
    if (fresh) {
      const skipped = this.#queue.splice(0).slice(this.#next)
      this.#next = 0
      for (const { run } of skipped) run?.()
    }
    for (let start = 0; start < data.length || start === 0; start += pieceLength) {
      const last = start + pieceLength >= data.length
      this.#queue.push({
        data: data.slice(start, start + pieceLength),
        run: null,
        offset: last ? offset : null,
        fresh: fresh && start === 0
      })
    }
    this.#wake()
  }

  close(): void {
    this.#closed = true
    this.#clear()
  }

  #clear(): void {
    this.#queue = []
    this.#next = 0
  }

  #wake(): void {
    if (this.#busy) return
    this.#busy = true
    this.#clock.begin(() => this.#draw(null))
  }

  /** `until`: when the turn is over; null before its first piece. */
  #draw(until: number | null): void {
    const piece = this.#queue[this.#next]
    if (piece === undefined || this.#closed) {
      this.#clear()
      this.#busy = false
      return
    }
    this.#next += 1
    if (piece.fresh) this.#surface.reset()
    if (piece.run !== null) {
      piece.run()
      this.#draw(until)
      return
    }
    this.#surface.write(piece.data, () => {
      if (piece.offset !== null && !this.#closed) this.#drawn(piece.offset)
      // The first piece has waited for its turn in the page; from here on the terminal takes them at once.
      const now = this.#clock.now()
      const end = until ?? now + this.#clock.slice()
      if (now < end) this.#draw(end)
      else this.#clock.afterPaint(() => this.#draw(null))
    })
  }
}

export const pageClock: PainterClock = {
  now: () => performance.now(),
  slice: () => (isHandMoving() ? slice.besideHand : slice.alone),
  begin: (then) => void (isHandMoving() ? nextFrame(then) : then()),
  // Two frames later: one for what was just written, one for the others. Beside a hand there are frames enough between.
  afterPaint: (then) => {
    const isBeside = isHandMoving()
    nextFrame(() => (isBeside ? then() : nextFrame(then)))
  }
}
