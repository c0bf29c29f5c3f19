/** What is asked a second time while its answer is on its way is the same asking: a button that is pressed twice does it once. */
import { inWords } from "../client/api.ts"
import { notify } from "./notices.ts"

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

const deeds = askedOnce<boolean>()

/** True when it was done. A refusal is a notice: `failed`, and below it the computer's own words. `same` as in `askedOnce`. */
export const doneOnce = (failed: string, same: ReadonlyArray<string>, act: () => Promise<unknown>): Promise<boolean> =>
  deeds([failed, ...same], async () => {
    try {
      await act()
      return true
    } catch (error) {
      notify(failed, { level: "error", text: inWords(error) })
      return false
    }
  })
