/**
 * Text of others, before it is shown: names lose what can't be seen, output shows it.
 *
 * Law: no character that a person can't see changes the order or the look of those that they can.
 */

/** Embeddings, overrides and isolates reorder what follows; the marks and the tags are not seen at all. */
const bidi = "\\u061C\\u200E\\u200F\\u202A-\\u202E\\u2066-\\u2069"
const unseen =
  "\\u00AD\\u180E\\u200B\\u2028\\u2029\\u2060-\\u2064\\u206A-\\u206F\\uFEFF\\uFFF9-\\uFFFB\\u{E0000}-\\u{E007F}"

const inNames = new RegExp(`[\\p{Cc}${bidi}${unseen}]+`, "gu")
/** The plain marks (U+061C, U+200E, U+200F) stay: prose in some scripts needs them, and they reorder no letters. */
const inProse = /[\u202A-\u202E\u2066-\u2069\u{E0000}-\u{E007F}]|[^\P{Cc}\t\n\r]/gu

const code = (character: string): string =>
  `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`

/** A file name, a title, a host: one line, without control, bidi and invisible characters. */
export const plainName = (text: string): string => {
  const name = text
    .replace(/[\t\n\r]+/g, " ")
    .replace(inNames, "")
    .trim()
  return name === "" ? "(no name)" : name
}

/** Prose and code: characters that reorder or hide are shown by their number. Tabs and line breaks stay. */
export const visibleText = (text: string): string => text.replace(inProse, code)

/** At most `most` characters, cut between characters and not within one, and marked where it was cut. */
export const shortened = (text: string, most: number): string => {
  if (text.length <= most) return text
  const last = text.codePointAt(most - 2) ?? 0
  return `${text.slice(0, last > 0xffff ? most - 2 : most - 1).trimEnd()}…`
}
