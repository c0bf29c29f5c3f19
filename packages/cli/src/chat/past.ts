/** How much of a thread is shown when it is opened. */
import type { Happening } from "./Happening.ts"

const exchanges = 3

/** The last few exchanges; `left`: there were others before. */
export const lastExchanges = (
  history: ReadonlyArray<Happening>
): { readonly left: boolean; readonly shown: ReadonlyArray<Happening> } => {
  const asked = history.flatMap(({ _tag }, index) => (_tag === "Asked" ? [index] : []))
  const from = asked.at(-exchanges) ?? asked[0] ?? 0
  return { left: from > 0, shown: history.slice(from) }
}
