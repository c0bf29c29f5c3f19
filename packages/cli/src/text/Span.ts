/** Text with a look, in columns of a terminal. */

/** `sgr`: the parameters of Select Graphic Rendition, such as `1;36`; empty for plain text. */
export interface Span {
  readonly text: string
  readonly sgr: string
}

export type Row = ReadonlyArray<Span>

export const look = {
  plain: "",
  bold: "1",
  dim: "2",
  italic: "3",
  accent: "36",
  good: "32",
  bad: "31",
  warn: "33"
} as const

export const span = (text: string, sgr = ""): Span => ({ text, sgr })

/** A row as it is written: its looks as escape sequences, or none of them. */
export const paint = (row: Row, colour: boolean): string =>
  row.map(({ sgr, text }) => (colour && sgr !== "" && text !== "" ? `\x1b[${sgr}m${text}\x1b[0m` : text)).join("")

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" })

/** What a reader takes for one character each. */
export const graphemes = (text: string): ReadonlyArray<string> =>
  /^[\x20-\x7e]*$/.test(text) ? text.split("") : Array.from(segmenter.segment(text), ({ segment }) => segment)

// Unicode's East Asian Width W and F, in blocks.
const wide =
  /^[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1aff0}-\u{1b2ff}\u{1f200}-\u{1f2ff}\u{20000}-\u{3fffd}]/u
const emoji = /^\p{Emoji_Presentation}|\ufe0f/u
const invisible = /^[\p{Mn}\p{Me}\p{Cf}]+$/u

/** Columns that a grapheme takes. */
export const widthOfGrapheme = (grapheme: string): number => {
  if (grapheme.length === 1 && grapheme >= " " && grapheme <= "~") return 1
  if (invisible.test(grapheme)) return 0
  return wide.test(grapheme) || emoji.test(grapheme) ? 2 : 1
}

/** Columns that a text takes. */
export const widthOf = (text: string): number =>
  /^[\x20-\x7e]*$/.test(text) ? text.length : graphemes(text).reduce((sum, one) => sum + widthOfGrapheme(one), 0)

export const widthOfRow = (row: Row): number => row.reduce((sum, { text }) => sum + widthOf(text), 0)

/** The beginning of a text that fits, with an ellipsis when it is not all. */
export const cut = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text
  let kept = ""
  let used = 0
  for (const one of graphemes(text)) {
    used += widthOfGrapheme(one)
    if (used > width - 1) break
    kept += one
  }
  return width < 1 ? "" : `${kept}…`
}

/** The beginning of a row that fits. */
export const cutRow = (row: Row, width: number): Row => {
  let left = width
  const kept: Array<Span> = []
  for (const one of row) {
    const text = cut(one.text, left)
    kept.push({ ...one, text })
    left -= widthOf(text)
    if (text !== one.text) break
  }
  return kept
}
