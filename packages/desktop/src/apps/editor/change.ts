/** The smallest single change that makes one text of another, so that a cursor outside of it stays where it is. */
export interface TextChange {
  readonly from: number
  readonly to: number
  readonly insert: string
}

export const changeBetween = (before: string, after: string): TextChange | null => {
  if (before === after) return null
  const least = Math.min(before.length, after.length)
  let from = 0
  while (from < least && before.charCodeAt(from) === after.charCodeAt(from)) from += 1
  let tail = 0
  while (
    tail < least - from &&
    before.charCodeAt(before.length - 1 - tail) === after.charCodeAt(after.length - 1 - tail)
  ) {
    tail += 1
  }
  return { from, to: before.length - tail, insert: after.slice(from, after.length - tail) }
}
