/** Bytes as people who read bytes want them: where, which, and what they would be as text. */

interface HexLine {
  readonly offset: string
  readonly hex: string
  readonly text: string
}

const across = 16

export const hexLines = (bytes: Uint8Array): ReadonlyArray<HexLine> =>
  Array.from({ length: Math.ceil(bytes.length / across) }, (_, index) => {
    const line = [...bytes.subarray(index * across, (index + 1) * across)]
    const pairs = line.map((byte) => byte.toString(16).padStart(2, "0"))
    return {
      offset: (index * across).toString(16).padStart(8, "0"),
      hex: `${pairs.slice(0, 8).join(" ").padEnd(23)}  ${pairs.slice(8).join(" ").padEnd(23)}`,
      text: line.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·")).join("")
    }
  })
