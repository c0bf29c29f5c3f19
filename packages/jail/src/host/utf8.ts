/** Bytes at the end of the first `length` of `bytes` that begin a UTF-8 character without finishing it: 0 to 3. */
export const incompleteTail = (bytes: Uint8Array, length: number): number => {
  const from = Math.max(0, length - 3)
  for (let index = length - 1; index >= from; index--) {
    const byte = bytes[index] ?? 0
    if ((byte & 0xc0) === 0x80) continue
    const needed = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    const have = length - index
    return byte < 0xf8 && have < needed ? have : 0
  }
  return 0
}
