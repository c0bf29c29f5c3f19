/**
 * Which bytes at the end of a terminal's output belong to an escape sequence that is not finished.
 *
 * Law: a terminal that has read everything shows the same as one that has read all but `open`.
 */

const ESC = 0x1b
const BEL = 0x07
const OSC = 0x5d
const CAN = 0x18
const SUB = 0x1a
/** A longer string (an image, a forgotten terminator) counts as finished. */
const maxOpenBytes = 64 * 1024

const nothing = new Uint8Array(0)

export class EscapeTracker {
  open: Uint8Array = nothing

  push(data: Uint8Array): void {
    const bytes = this.open.length === 0 ? data : Buffer.concat([this.open, data])
    const start = unfinishedFrom(bytes)
    const length = start === -1 ? 0 : bytes.length - start
    // A copy: a view would keep the whole chunk.
    this.open = length === 0 || length > maxOpenBytes ? nothing : bytes.slice(start)
  }
}

/** Where the last sequence begins if it has no end, else -1. */
const unfinishedFrom = (bytes: Uint8Array): number => {
  const last = bytes.lastIndexOf(ESC)
  if (last === -1) return -1
  // `ESC \` and a lone ESC at the end may close a string that began before them.
  const closer = last === bytes.length - 1 || bytes[last + 1] === 0x5c
  if (closer) {
    const before = last === 0 ? -1 : bytes.lastIndexOf(ESC, last - 1)
    if (before !== -1 && isString(bytes[before + 1]) && !stringEnds(bytes, before + 1, last)) {
      return last === bytes.length - 1 ? before : -1
    }
  }
  return finished(bytes, last) ? -1 : last
}

/** OSC, DCS, SOS, PM, APC: run until `ESC \`; OSC until BEL too. */
const isString = (byte: number | undefined): boolean =>
  byte === OSC || byte === 0x50 || byte === 0x58 || byte === 0x5e || byte === 0x5f

/** `kind` is where the byte stands that says which string it is. */
const stringEnds = (bytes: Uint8Array, kind: number, to: number): boolean => {
  const belEnds = bytes[kind] === OSC
  for (let index = kind + 1; index < to; index++) {
    const byte = bytes[index]
    if ((belEnds && byte === BEL) || byte === CAN || byte === SUB) return true
  }
  return false
}

const finished = (bytes: Uint8Array, start: number): boolean => {
  const kind = bytes[start + 1]
  if (kind === undefined) return false
  if (isString(kind)) return stringEnds(bytes, start + 1, bytes.length)
  let index = start + 1
  if (kind === 0x5b) {
    index++
    for (; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0
      if (byte >= 0x40 || byte === CAN || byte === SUB) return true
    }
    return false
  }
  for (; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0
    if (byte >= 0x30 || byte === CAN || byte === SUB) return true
  }
  return false
}
