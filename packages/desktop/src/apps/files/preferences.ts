/** How this browser likes its files shown. */
import { createStore } from "zustand/vanilla"
import type { Sorting } from "./order.ts"

export interface FilesLook {
  readonly view: "list" | "grid"
  readonly hidden: boolean
  readonly preview: boolean
  readonly sorting: Sorting
}

const key = "choiros.files"
const first: FilesLook = { view: "list", hidden: false, preview: true, sorting: { by: "name", down: false } }

const read = (): FilesLook => {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(key) ?? "null")
    if (typeof stored !== "object" || stored === null) return first
    const { hidden, preview, view }: { view?: unknown; hidden?: unknown; preview?: unknown } = stored
    return { ...first, view: view === "grid" ? "grid" : "list", hidden: hidden === true, preview: preview !== false }
  } catch {
    return first
  }
}

export const filesLookStore = createStore<FilesLook>(read)

export const setFilesLook = (look: Partial<FilesLook>): void => {
  filesLookStore.setState(look)
  try {
    localStorage.setItem(key, JSON.stringify(filesLookStore.getState()))
  } catch {
    // Without storage it lasts as long as the page.
  }
}
