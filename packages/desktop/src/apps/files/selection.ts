/**
 * What is selected in a list, by keys and pointer, as file managers do it.
 *
 * Law: a range goes from where it began (`anchor`) to where one is (`cursor`), in the order that is shown; what is no longer
 * shown is not selected.
 */

export interface Selection {
  readonly paths: ReadonlySet<string>
  readonly anchor: string | null
  readonly cursor: string | null
}

export const nothing: Selection = { paths: new Set(), anchor: null, cursor: null }

export const only = (path: string): Selection => ({ paths: new Set([path]), anchor: path, cursor: path })

/** Ctrl: this one as well, or no longer. */
export const toggled = ({ paths }: Selection, path: string): Selection => {
  const next = new Set(paths)
  if (!next.delete(path)) next.add(path)
  return { paths: next, anchor: path, cursor: path }
}

/** Shift: all from the anchor to here. */
export const extended = (selection: Selection, order: ReadonlyArray<string>, path: string): Selection => {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor)
  const to = order.indexOf(path)
  if (from < 0 || to < 0) return only(path)
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1)
  return { paths: new Set(range), anchor: selection.anchor, cursor: path }
}

export const all = (selection: Selection, order: ReadonlyArray<string>): Selection => ({
  paths: new Set(order),
  anchor: selection.anchor ?? order[0] ?? null,
  cursor: selection.cursor ?? order[0] ?? null
})

/** The cursor `by` rows on (clamped to the list), alone or with all from the anchor. */
export const moved = (selection: Selection, order: ReadonlyArray<string>, by: number, extend: boolean): Selection => {
  const at = selection.cursor === null ? -1 : order.indexOf(selection.cursor)
  const far = Math.abs(by) >= order.length
  const to = at < 0 && !far ? (by < 0 ? order.length - 1 : 0) : Math.max(0, Math.min(order.length - 1, at + by))
  const path = order[to]
  if (path === undefined) return nothing
  return extend && selection.anchor !== null ? extended(selection, order, path) : only(path)
}

/** Without what is gone; the cursor stays at its place in the list. */
export const kept = (selection: Selection, before: ReadonlyArray<string>, after: ReadonlyArray<string>): Selection => {
  const there = new Set(after)
  if ([...selection.paths].every((path) => there.has(path)) && isThere(there, selection.cursor)) return selection
  const paths = new Set([...selection.paths].filter((path) => there.has(path)))
  if (isThere(there, selection.cursor)) return { ...selection, paths }
  const at = selection.cursor === null ? -1 : before.indexOf(selection.cursor)
  const next = at < 0 ? null : (after[Math.min(at, after.length - 1)] ?? null)
  return next !== null && paths.size === 0 ? only(next) : { paths, anchor: next, cursor: next }
}

const isThere = (there: ReadonlySet<string>, path: string | null): boolean => path === null || there.has(path)
