/** In which order a folder is shown. */
import type { FileEntry } from "@choiros/protocol"

export type SortKey = "name" | "changed" | "size"

export interface Sorting {
  readonly by: SortKey
  readonly down: boolean
}

const names = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" })

const compare: Readonly<Record<SortKey, (a: FileEntry, b: FileEntry) => number>> = {
  name: (a, b) => names.compare(a.name, b.name) || (a.name < b.name ? -1 : 1),
  changed: (a, b) => (a.modified_at < b.modified_at ? -1 : a.modified_at > b.modified_at ? 1 : 0),
  size: (a, b) => a.bytes - b.bytes
}

/** Folders first, whatever is sorted by. */
export const sorted = (entries: ReadonlyArray<FileEntry>, { by, down }: Sorting): ReadonlyArray<FileEntry> =>
  entries.toSorted((a, b) => {
    const folders = Number(b.kind === "folder") - Number(a.kind === "folder")
    if (folders !== 0) return folders
    const found = by !== "name" && a.kind === "folder" ? 0 : compare[by](a, b)
    return (down ? -found : found) || compare.name(a, b)
  })

/** A press on the column that it is sorted by turns it; time and size begin with the most. */
export const pressed = (sorting: Sorting, by: SortKey): Sorting =>
  sorting.by === by ? { by, down: !sorting.down } : { by, down: by !== "name" }
