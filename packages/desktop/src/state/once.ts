/** What is asked a second time while its answer is on its way is the same asking: a button that is pressed twice does it once. */
export const askedOnce = <A>() => {
  const underWay = new Map<string, Promise<A>>()
  /** `what` names all that makes it the same: what is done, to what, with which words. */
  return (what: ReadonlyArray<string>, ask: () => Promise<A>): Promise<A> => {
    const key = JSON.stringify(what)
    const before = underWay.get(key)
    if (before !== undefined) return before
    const asked = ask().finally(() => underWay.delete(key))
    underWay.set(key, asked)
    return asked
  }
}
