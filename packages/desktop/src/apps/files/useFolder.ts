/** The content of a folder, kept up to date while it is seen. */
import type { FileEntry } from "@choiros/protocol"
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { ApiError, inWords } from "../../client/api.ts"
import { connectionStore } from "../../client/Connection.ts"
import { listFolder } from "./filesApi.ts"
import { folderOf } from "./paths.ts"
import { useFileWatch } from "./watchFiles.ts"

export type Folder =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: string; readonly offline: boolean }
  | {
      readonly status: "ready"
      readonly path: string
      readonly entries: ReadonlyArray<FileEntry>
      readonly truncated: boolean
    }

export interface UsedFolder {
  readonly folder: Folder
  readonly reload: () => void
}

/** `path` as it was asked for; what is shown has the computer's name for it. */
export const useFolder = (path: string, visible: boolean, active: boolean): UsedFolder => {
  const [folder, setFolder] = useState<Folder & { readonly of: string }>({ status: "loading", of: path })
  const loading = useRef<AbortController | null>(null)
  const live = useStore(connectionStore, ({ status }) => status === "live")

  const wanted = useRef(path)
  wanted.current = path
  const load = useCallback(() => {
    // Asked for the folder that was left: what is shown now is not given up for it.
    if (wanted.current !== path) return
    loading.current?.abort()
    const left = new AbortController()
    loading.current = left
    listFolder(path, left.signal).then(
      ({ entries, path: real, truncated }) => {
        if (!left.signal.aborted) setFolder({ status: "ready", path: real, entries, truncated, of: path })
      },
      (error: unknown) => {
        if (left.signal.aborted) return
        const offline = error instanceof ApiError && error.status === 0
        setFolder((before) =>
          // What was there is better than nothing, as long as nobody can say otherwise.
          before.of === path && before.status === "ready" && offline
            ? before
            : { status: "failed", error: inWords(error), offline, of: path }
        )
      }
    )
  }, [path])

  useEffect(() => {
    load()
    return () => loading.current?.abort()
  }, [load])
  const failedOffline = folder.status === "failed" && folder.offline
  useEffect(() => {
    if (live && failedOffline) load()
  }, [live, failedOffline, load])

  const shown = folder.of === path && folder.status === "ready" ? folder.path : path
  useFileWatch(
    {
      concerns: ({ left, made }) =>
        [left, made].some((one) => one !== null && (folderOf(one) === shown || one === shown)),
      look: load
    },
    visible,
    active
  )
  return { folder: folder.of === path ? folder : { status: "loading" }, reload: load }
}
