/** The last lines of what was said or printed, as one line each: no markdown, no escapes, nothing that hides or reorders. */

/** Characters of a line. */
const longest = 160
/** Characters at the end of a text that are looked at. */
const lookedAt = 4_000

// A string sequence (OSC, DCS, SOS, PM, APC), also one that is cut; a CSI sequence; any other escape. ECMA-48, 5.4 and 5.6.
const sequences =
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g
const controls = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
const unseen = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]/g
/** Fences, rules, and the line under the head of a table. */
const ornament = /^\s*(?:`{3,}.*|~{3,}.*|[-*_=]{3,}|\|?[\s:|-]+\|[\s:|-]*)\s*$/

export const plainLine = (text: string, characters = longest): string =>
  shortened(
    text.toWellFormed().replace(sequences, "").replace(controls, " ").replace(unseen, "").replace(/\s+/g, " ").trim(),
    characters
  )

/** The last `count` lines that say something, the last one last. */
export const lastLines = (text: string, count: number): ReadonlyArray<string> => {
  const found: Array<string> = []
  const lines = text.slice(-lookedAt).split("\n")
  for (let index = lines.length - 1; index >= 0 && found.length < count; index--) {
    const line = (lines[index] ?? "").slice(0, 4 * longest)
    if (ornament.test(line)) continue
    const plain = plainLine(withoutMarkdown(line))
    if (plain !== "") found.unshift(plain)
  }
  return found
}

const withoutMarkdown = (line: string): string =>
  line
    .replace(/^\s*(?:#{1,6}\s+|>\s?|[-*+]\s+(?:\[[ xX]\]\s+)?)+/, "")
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replace(/(\*\*|__|~~|`+)/g, "")
    .replace(/(^|[\s(])[*_]([^*_\s][^*_]*)[*_](?=[\s).,:;!?]|$)/g, "$1$2")
    .replace(/^\s*\||\|\s*$/g, "")
    .replace(/\s*\|\s*/g, " · ")

const shortened = (text: string, characters: number): string => {
  if (text.length <= characters) return text
  return `${text
    .slice(0, characters - 1)
    .toWellFormed()
    .replace(/\ufffd$/, "")
    .trimEnd()}…`
}
