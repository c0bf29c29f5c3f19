/** What was sent before, the latest last, and the walk through it by the arrow keys. */

const kept = 200

export const remembered = (history: ReadonlyArray<string>, text: string): ReadonlyArray<string> =>
  text.trim() === "" || history.at(-1) === text
    ? history
    : [...history.filter((before) => before !== text), text].slice(-kept)

export interface Walk {
  /** Steps back from what is being typed, which is 0. */
  readonly back: number
  /** What was being typed when the walk began. */
  readonly draft: string
}

export const standing: Walk = { back: 0, draft: "" }

/** One step back (1) or forth (-1); null where there is nothing in that direction. */
export const walked = (
  history: ReadonlyArray<string>,
  walk: Walk,
  text: string,
  by: 1 | -1
): { readonly walk: Walk; readonly text: string } | null => {
  const back = walk.back + by
  if (back < 0 || back > history.length) return null
  const draft = walk.back === 0 ? text : walk.draft
  return { walk: { back, draft }, text: back === 0 ? draft : (history[history.length - back] ?? draft) }
}
