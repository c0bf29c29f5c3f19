/**
 * Formulas as models write them, in the one form that the rules for formulas know: `\(x\)` and `$x$` become `$$x$$`, and
 * `\[x\]` becomes a block of its own.
 *
 * Law: only what is closed and can hardly be anything else is changed. Code, addresses, tags, prices and names of variables
 * stay as they were written.
 */

/** Characters of a formula; what is longer is none. */
const longest = { inline: 400, block: 4_000 } as const

const fence = /^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)*(`{3,}|~{3,})/
const listed = /^[\s>]*(?:[-*+]|\d+[.)])\s/
const indented = /^(?: {4}|\t)/

/** The text in pieces, of which every other one is code: fenced, or set in by four. */
const piecesOf = (text: string): ReadonlyArray<string> => {
  const pieces = [""]
  let open: string | null = null
  let isSetIn = false
  let inList = false
  let afterBlank = true
  for (const line of text.split(/(?<=\n)/)) {
    const mark = fence.exec(line)?.[1] ?? null
    const isBlank = line.trim() === ""
    if (!isBlank && !indented.test(line)) inList = listed.test(line) || (inList && !afterBlank)
    isSetIn = indented.test(line) && !inList && (afterBlank || isSetIn)
    const isCode = open !== null || mark !== null || (isSetIn && !isBlank)
    if (open === null) open = mark
    else if (mark?.startsWith(open) === true && line.replace(/[\s>]/g, "") === mark) open = null
    if (isCode !== (pieces.length % 2 === 0)) pieces.push("")
    pieces[pieces.length - 1] += line
    afterBlank = isBlank
  }
  return pieces
}

/** A blank line ends a paragraph, and with it whatever was open; no formula begins in another. */
const within = (most: number): string => `((?:(?!\\n[ \\t>]*\\n|\\$|\\\\[([])[\\s\\S]){1,${most}}?)`

const parts = new RegExp(
  [
    // What stays: an escaped sign, code, formulas, addresses, tags.
    "\\\\[\\\\$`]",
    "(?<!`)(`+)(?!`)[\\s\\S]*?(?<!`)\\1(?!`)",
    "\\$\\$[\\s\\S]*?\\$\\$",
    "(?<!\\\\)\\]\\([^()\\n]*(?:\\([^()\\n]*\\)[^()\\n]*)*\\)",
    "<[A-Za-z/!][^<>\\n]*>",
    "https?:\\/\\/\\S+",
    // What is a formula, if it looks like one.
    `\\\\\\(${within(longest.inline)}\\\\\\)`,
    `(?<=^([ \\t>]*(?:(?:[-*+]|\\d+[.)])[ \\t]+)?))\\\\\\[${within(longest.block)}\\\\\\]([.,;]?)[ \\t]*$`,
    "(?<![\\w$])\\$(?! )([^$\\n]{1,200}?)(?<! )\\$(?![\\w$])"
  ].join("|"),
  "gm"
)

const word = /[A-Za-z]{3,}/
const sign = /[\\^_=<>+*/|{}]/

/** Between `\(` and `\)`, which also are brackets that were escaped. */
const isFormula = (body: string): boolean =>
  body.trim() !== "" && (sign.test(body) || !/[A-Za-z]{3,}|\S\s+[A-Za-z]{2,}/.test(body))

/** Between dollars, which also are prices and names of variables. */
const isSurely = (body: string): boolean =>
  /^[A-Za-z]$/.test(body) ||
  /\\[A-Za-z]|\^|(?:^|[^A-Za-z])[A-Za-z]_/.test(body) ||
  (/[=<>]/.test(body) && !word.test(body))

const inPiece = (text: string): string =>
  text.replace(
    parts,
    (
      whole: string,
      _ticks: string | undefined,
      round: string | undefined,
      before: string | undefined,
      square: string | undefined,
      stop: string | undefined,
      dollars: string | undefined
    ) => {
      if (round !== undefined) return isFormula(round) ? `$$${round.trim()}$$` : whole
      if (dollars !== undefined) return isSurely(dollars) ? `$$${dollars}$$` : whole
      if (square === undefined || !isFormula(square)) return whole
      // What follows a list's mark stands in by as much.
      const pad = (before ?? "").replace(/[^\s>]/g, " ")
      const body = pad.includes(">") ? square.replace(/^[\s>]+|\n[\s>]*$/g, "") : square
      return `$$\n${pad}${body.trim()}${stop ?? ""}\n${pad}$$`
    }
  )

/** Whether there may be a formula in a text at all. */
const hinted = /\\[([]|\$/

export const withFormulas = (text: string): string =>
  hinted.test(text)
    ? piecesOf(text)
        .map((piece, at) => (at % 2 === 0 ? inPiece(piece) : piece))
        .join("")
    : text
