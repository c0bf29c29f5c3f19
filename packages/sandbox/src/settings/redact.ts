/**
 * Takes secrets out of text: those that are known, by their value, and what looks like a provider's key, by its beginning.
 *
 * Never by how random a text looks: hashes and ids would go with it.
 */

/** A shorter value would be found in innocent words. */
const shortest = 8

const prefixes =
  /\b(?:sk-[A-Za-z0-9_-]{20,}|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}|xox[abprs]-[A-Za-z0-9-]{10,}|glpat-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36})/g

const mark = "[redacted]"

export const redactText = (text: string, values: Iterable<string>): string => {
  // The longest first: one may lie in another.
  const known = [...values].filter((value) => value.length >= shortest).sort((a, b) => b.length - a.length)
  return known.reduce((left, value) => left.replaceAll(value, mark), text).replace(prefixes, mark)
}
