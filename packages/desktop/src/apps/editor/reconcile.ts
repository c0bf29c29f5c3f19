/**
 * What to do when the file on the computer is looked at again.
 *
 * Law: what was written and is not saved is never replaced; where both sides have changed, both texts stay until the person
 * has chosen.
 */

/** A text with the revision that the computer gave it. */
export interface Revised {
  readonly text: string
  readonly rev: number
}

export type Outcome =
  /** Nothing has changed there, or it has now what is here. `base` may have another number. */
  | { readonly _tag: "Same"; readonly base: Revised }
  /** Nothing was written here: what is there is shown. */
  | { readonly _tag: "Take"; readonly base: Revised }
  | { readonly _tag: "Conflict"; readonly theirs: Revised }
  | { readonly _tag: "Gone" }

/** `base`: what was last agreed on; `mine`: what is here; `there`: null where the file is gone. */
export const reconcile = (base: Revised, mine: string, there: Revised | null): Outcome => {
  if (there === null) return { _tag: "Gone" }
  if (there.text === base.text || there.text === mine) return { _tag: "Same", base: there }
  return mine === base.text ? { _tag: "Take", base: there } : { _tag: "Conflict", theirs: there }
}
