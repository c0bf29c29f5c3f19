/** Addresses in what is printed: http and https alone, and only after the person was shown where they lead. */
import type { IBufferLine, ILink, ILinkProvider, Terminal } from "@xterm/xterm"
import { safeUrl } from "../../content/safeUrl.ts"

const address = /https?:\/\/[^\s"'<>`{}|\\^[\]]+/g
/** Rows of one wrapped line that are looked at. */
const mostRows = 20

/** The address as a browser goes to it; null for anything but the web. */
export const webAddress = (text: string): string | null => {
  const url = safeUrl(text)
  return url !== null && /^https?:/.test(url) ? url : null
}

interface Found {
  readonly text: string
  /** Where it begins and ends, in characters of the line. */
  readonly start: number
  readonly end: number
}

/** Addresses in a line, without the punctuation of the sentence around them. */
export const addressesIn = (line: string): ReadonlyArray<Found> =>
  [...line.matchAll(address)].flatMap((match) => {
    const text = withoutTail(match[0])
    return webAddress(text) === null ? [] : [{ text, start: match.index, end: match.index + text.length }]
  })

const withoutTail = (text: string): string => {
  const bare = text.replace(/[.,;:!?]+$/, "")
  const opened = bare.split("(").length
  return bare.endsWith(")") && bare.split(")").length > opened ? withoutTail(bare.slice(0, -1)) : bare
}

export const webLinks = (terminal: Terminal, open: (url: string) => void): ILinkProvider => ({
  provideLinks: (row, callback) => {
    const { first, text, width } = wrappedLine(terminal, row - 1)
    const links = addressesIn(text).map(
      ({ end, start, text: found }): ILink => ({
        text: found,
        range: {
          start: { x: (start % width) + 1, y: first + Math.floor(start / width) + 1 },
          end: { x: ((end - 1) % width) + 1, y: first + Math.floor((end - 1) / width) + 1 }
        },
        activate: () => {
          const url = webAddress(found)
          if (url !== null) open(url)
        }
      })
    )
    callback(links)
  }
})

/** The line that a row is part of. Each cell is one character of it, so that a place in it is a place on the screen. */
const wrappedLine = (terminal: Terminal, row: number) => {
  const buffer = terminal.buffer.active
  let first = row
  while (first > 0 && row - first < mostRows && buffer.getLine(first)?.isWrapped === true) first -= 1
  let text = ""
  for (let at = first; at < first + mostRows; at++) {
    const line = buffer.getLine(at)
    if (line === undefined || (at > first && !line.isWrapped)) break
    text += cellsOf(line)
  }
  return { first, text, width: terminal.cols }
}

const cellsOf = (line: IBufferLine): string =>
  Array.from({ length: line.length }, (_, at) => {
    const characters = line.getCell(at)?.getChars() ?? ""
    return characters.length === 1 ? characters : " "
  }).join("")
