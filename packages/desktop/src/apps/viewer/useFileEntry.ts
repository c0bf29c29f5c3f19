/** A file with its neighbours, kept up to date while it is seen. */
import type { FileEntry } from "@choiros/protocol"
import { useEffect, useMemo } from "react"
import { sorted } from "../files/order.ts"
import { folderOf, nameOf } from "../files/paths.ts"
import { useFolder } from "../files/useFolder.ts"
import { followWriters } from "../files/writers.ts"

export type FoundFile =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: string; readonly offline: boolean }
  | { readonly status: "missing" }
  | {
      readonly status: "ready"
      readonly entry: FileEntry
      /** The files of its folder, in the order of their names. */
      readonly files: ReadonlyArray<FileEntry>
      readonly place: number
    }

const byName = { by: "name", down: false } as const

export const useFileEntry = (path: string, visible: boolean, active: boolean) => {
  useEffect(followWriters, [])
  const { folder, reload } = useFolder(folderOf(path) === "" ? "." : folderOf(path), visible, active)
  const found = useMemo((): FoundFile => {
    if (folder.status !== "ready") return folder
    const name = nameOf(path)
    const files = sorted(
      folder.entries.filter((entry) => entry.kind !== "folder" && (!entry.name.startsWith(".") || entry.name === name)),
      byName
    )
    const place = files.findIndex((entry) => entry.name === name)
    const entry = files[place]
    return entry === undefined ? { status: "missing" } : { status: "ready", entry, files, place }
  }, [folder, path])
  return { found, reload }
}
