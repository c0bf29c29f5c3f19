/**
 * What time it is, on the computer: what is shown beside its times is counted from its clock, whatever this browser's says.
 *
 * Law: a difference that may be the way's own counts as none.
 */

/** Milliseconds that the computer's clock is ahead. */
let ahead = 0
/** Milliseconds: an answer that took longer tells nothing, and a difference up to `same` is none. */
const within = { answer: 1_000, same: 2_000 } as const

/** Told with each answer: its `Date` header, and when, by `Date.now()`, it was asked for. */
export const heardTime = (date: string | null, askedAt: number): void => {
  const said = Date.parse(date ?? "")
  const now = Date.now()
  if (Number.isNaN(said) || now < askedAt || now - askedAt > within.answer) return
  // It has whole seconds: half of one has passed, more or less.
  const by = said + 500 - now
  if (Math.abs(by - ahead) > within.same) ahead = Math.abs(by) > within.same ? by : 0
}

/** Milliseconds since 1970, as `Date.now()` gives them where both clocks agree. */
export const present = (): number => Date.now() + ahead
