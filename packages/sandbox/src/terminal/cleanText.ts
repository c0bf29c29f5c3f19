/**
 * A command's output as text, in two versions: plain for a model and a file, and with its colours for a terminal.
 *
 * Law: however the bytes are cut into chunks, the text is the same. Nothing but colours reaches a terminal that belongs
 * to someone else's shell: no cursor movement, no question that it would answer, no title.
 */

export interface CleanText {
  /** No escape sequence, no control character but tab, line feed and a lone carriage return. */
  readonly plain: string
  /** With colours, and line ends as a terminal wants them. */
  readonly shown: string
}

/** CSI; strings (OSC, DCS, SOS, PM, APC) up to their terminator; any other escape sequence. Source: ECMA-48, 5.4 and 8.3. */
const sequence = /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[ -/]*[0-OQ-WYZ\\`-~])/g
const colour = /^\u001b\[[0-9;:]*m$/
const controls = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g
const controlsButEscape = /[\u0000-\u0008\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g
/** An escape that is not part of a sequence which was kept. */
const strayEscape = /\u001b(?!\[[0-9;:]*m)/g

/** A sequence that is longer than this without an end is no sequence. */
const longestSequence = 4096

/** Cleans one stream of bytes. */
export class TextCleaner {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true })
  #rest = ""

  push(bytes: Uint8Array): CleanText {
    return this.#clean(this.#rest + this.#decoder.decode(bytes, { stream: true }), false)
  }

  /** What was still open when the stream ended. */
  end(): CleanText {
    return this.#clean(this.#rest + this.#decoder.decode(), true)
  }

  #clean(text: string, last: boolean): CleanText {
    const cut = last ? text.length : openFrom(text)
    this.#rest = text.slice(cut)
    return cleanText(text.slice(0, cut))
  }
}

/** Cleans a whole text. */
export const cleanText = (text: string): CleanText => {
  const kept = text.replace(sequence, (found) => (colour.test(found) ? found : "")).replace(controlsButEscape, "")
  const lines = kept.replaceAll("\r\n", "\n")
  return {
    plain: lines.replace(/\u001b\[[0-9;:]*m/g, "").replace(controls, ""),
    shown: lines.replace(strayEscape, "").replaceAll("\n", "\r\n")
  }
}

/** Where the part of a text begins that only more text can settle: an unfinished sequence, or a final carriage return. */
const openFrom = (text: string): number => {
  const end = text.endsWith("\r") ? text.length - 1 : text.length
  const from = Math.max(0, end - longestSequence)
  for (let at = text.indexOf("\u001b", from); at !== -1 && at < end; at = text.indexOf("\u001b", at + 1)) {
    sequence.lastIndex = at
    const found = sequence.exec(text)
    if (found === null || found.index !== at) {
      if (isOpen(text.slice(at, end))) return at
      continue
    }
    at += found[0].length - 1
  }
  return end
}

/** Whether more text could make a sequence of it. */
const isOpen = (text: string): boolean => /^\u001b(?:\[[0-?]*[ -/]*|[\]PX^_][^\u0007\u001b]*\u001b?|[ -/]*)$/.test(text)

/** What a terminal shows of lines that were written over: what follows a line's last carriage return. */
export const collapseReturns = (text: string): string =>
  text.includes("\r")
    ? text
        .split("\n")
        .map((line) => {
          const whole = line.endsWith("\r") ? line.slice(0, -1) : line
          return whole.slice(whole.lastIndexOf("\r") + 1)
        })
        .join("\n")
    : text
