/** Bytes as text, where they are text. */

/** Null for what has a NUL, or is not UTF-8; `whole` false lets the last character be cut. */
export const textOf = (bytes: Uint8Array, whole: boolean): string | null => {
  if (bytes.includes(0)) return null
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: !whole })
  } catch {
    return null
  }
}
