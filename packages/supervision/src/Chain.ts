/**
 * A doubly linked list whose members know their place, so that any of them leaves in constant time.
 */
export class Link<T> {
  readonly value: T
  private previous: Link<T> | undefined = undefined
  private next: Link<T> | undefined = undefined
  private chain: Chain<T> | undefined = undefined

  constructor(value: T) {
    this.value = value
  }

  static append<T>(chain: Chain<T>, value: T): Link<T> {
    const link = new Link(value)
    link.chain = chain
    link.previous = chain.last
    if (chain.last === undefined) chain.first = link
    else chain.last.next = link
    chain.last = link
    return link
  }

  remove(): void {
    const chain = this.chain
    if (chain === undefined) return
    this.chain = undefined
    if (this.previous === undefined) chain.first = this.next
    else this.previous.next = this.next
    if (this.next === undefined) chain.last = this.previous
    else this.next.previous = this.previous
    this.previous = undefined
    this.next = undefined
  }
}

export class Chain<T> {
  first: Link<T> | undefined = undefined
  last: Link<T> | undefined = undefined
}
