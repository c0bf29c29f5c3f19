/**
 * Screens of terminals in which nothing runs and that nobody watches: the latest are kept, for who comes back.
 *
 * Law: there are never more than `most`. A screen costs the jail's host up to some megabytes.
 */
export class IdleScreens {
  readonly #most: number
  readonly #ids = new Set<string>()

  constructor(most: number) {
    this.#most = most
  }

  /** A terminal went idle. Gives those whose screens are now to be closed: the ones that were idle for longest. */
  add(id: string): ReadonlyArray<string> {
    this.#ids.delete(id)
    this.#ids.add(id)
    const surplus = [...this.#ids].slice(0, Math.max(0, this.#ids.size - this.#most))
    for (const old of surplus) this.#ids.delete(old)
    return surplus
  }

  /** A terminal is in use again. */
  remove(id: string): void {
    this.#ids.delete(id)
  }
}
