/**
 * Who watches which terminal, kept beside the actors: one that is started again after a crash finds those who were there.
 *
 * Law: whoever watches says so when it begins and when it ends, whether the actor lives or not.
 */
export interface Size {
  readonly rows: number
  readonly cols: number
}

/** Someone who watches. The shell's output and its end come to it from the jail, what the actor knows from there. */
export interface Viewer {
  /** A shell was started. */
  readonly started: () => void
  /** What it asked for could not be done. */
  readonly refused: (message: string) => void
}

export class Viewers {
  /** Each with the size that it has told. */
  readonly #of = new Map<string, Map<Viewer, Size | null>>()

  add(id: string, viewer: Viewer): void {
    const viewers = this.#of.get(id) ?? new Map<Viewer, Size | null>()
    this.#of.set(id, viewers.set(viewer, null))
  }

  remove(id: string, viewer: Viewer): void {
    const viewers = this.#of.get(id)
    viewers?.delete(viewer)
    if (viewers?.size === 0) this.#of.delete(id)
  }

  /** Of one that watches still. */
  setSize(id: string, viewer: Viewer, size: Size): void {
    const viewers = this.#of.get(id)
    if (viewers?.has(viewer) === true) viewers.set(viewer, size)
  }

  sizeOf(id: string, viewer: Viewer): Size | null {
    return this.#of.get(id)?.get(viewer) ?? null
  }

  of(id: string): ReadonlyArray<Viewer> {
    return [...(this.#of.get(id)?.keys() ?? [])]
  }

  isSeen(id: string): boolean {
    return this.#of.has(id)
  }
}
