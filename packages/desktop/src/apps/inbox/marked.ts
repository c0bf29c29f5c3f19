/** A text in pieces, of which the dangerous words are marked. */

export interface Piece {
  /** Where it begins in the text. */
  readonly at: number
  readonly text: string
  readonly dangerous: boolean
}

const isLetter = (character: string | undefined): boolean => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/** Longer words first; a word within another one (`rm` in `format`) is none. */
export const marked = (text: string, dangerous: ReadonlyArray<string>): ReadonlyArray<Piece> => {
  const words = dangerous.filter((word) => word !== "").toSorted((a, b) => b.length - a.length)
  const pieces: Array<Piece> = []
  let plainFrom = 0
  let at = 0
  while (at < text.length) {
    const word = words.find((one) => startsWord(text, at, one))
    if (word === undefined) {
      at += 1
      continue
    }
    if (at > plainFrom) pieces.push({ at: plainFrom, text: text.slice(plainFrom, at), dangerous: false })
    pieces.push({ at, text: word, dangerous: true })
    at += word.length
    plainFrom = at
  }
  if (plainFrom < text.length) pieces.push({ at: plainFrom, text: text.slice(plainFrom), dangerous: false })
  return pieces
}

const startsWord = (text: string, at: number, word: string): boolean =>
  text.startsWith(word, at) &&
  !(isLetter(word.at(0)) && isLetter(text[at - 1])) &&
  !(isLetter(word.at(-1)) && isLetter(text[at + word.length]))
