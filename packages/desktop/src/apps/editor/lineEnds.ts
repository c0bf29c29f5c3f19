/** How the lines of a file end, so that a save changes no more than what was written. */

/** `mixed` files keep each end as it is: the `\r` of a line is one of its characters, and is shown. */
export type LineEnds = "\n" | "\r\n" | "mixed"

export const lineEndsOf = (text: string): LineEnds => {
  if (!text.includes("\r")) return "\n"
  return /(?:^|[^\r])\n|\r(?!\n)/.test(text) ? "mixed" : "\r\n"
}

/** What separates lines, for the editor. */
export const separatorOf = (ends: LineEnds): string => (ends === "mixed" ? "\n" : ends)

export const lineEndWords: Readonly<Record<LineEnds, string>> = {
  "\n": "LF",
  "\r\n": "CRLF",
  mixed: "Mixed line ends"
}
