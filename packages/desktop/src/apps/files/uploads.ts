/**
 * Files on their way into the workspace.
 *
 * Law: what is there is never written over unless the person says so; a file that is too large is refused before it is sent.
 */
import { fileLimits } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { unreachable } from "../../client/api.ts"
import { bytes } from "../../ui/format.ts"
import { folderOf, freeName, inFolder, nameOf } from "./paths.ts"

export type UploadState =
  | { readonly _tag: "Waiting" }
  | { readonly _tag: "Sending"; readonly sent: number }
  | { readonly _tag: "Done" }
  | { readonly _tag: "Taken" }
  | { readonly _tag: "Failed"; readonly why: string }

export interface Upload {
  readonly id: number
  readonly file: File
  readonly path: string
  readonly state: UploadState
}

/** By the window that they were given to. */
export const uploadsStore = createStore<{ readonly uploads: ReadonlyMap<string, ReadonlyArray<Upload>> }>(() => ({
  uploads: new Map()
}))

/** Sent at once. */
const atOnce = 3
let last = 0
const sending = new Map<number, XMLHttpRequest>()

const change = (window_id: string, update: (uploads: ReadonlyArray<Upload>) => ReadonlyArray<Upload>): void =>
  uploadsStore.setState(({ uploads }) => ({
    uploads: new Map(uploads).set(window_id, update(uploads.get(window_id) ?? []))
  }))

const set = (window_id: string, id: number, state: UploadState, path?: string): void =>
  change(window_id, (uploads) =>
    uploads.map((upload) => (upload.id === id ? { ...upload, state, path: path ?? upload.path } : upload))
  )

export interface Dropped {
  readonly file: File
  /** Where it was in a folder that was given: `photos/a.png`. */
  readonly name: string
}

export const uploadInto = (window_id: string, folder: string, dropped: ReadonlyArray<Dropped>): void => {
  const added = dropped.map(({ file, name }): Upload => {
    last += 1
    const state: UploadState =
      file.size > fileLimits.upload
        ? { _tag: "Failed", why: `It has ${bytes(file.size)}, and at most ${bytes(fileLimits.upload)} can be uploaded` }
        : { _tag: "Waiting" }
    return { id: last, file, path: inFolder(folder, name), state }
  })
  change(window_id, (uploads) => [...uploads.filter(({ state }) => state._tag !== "Done"), ...added])
  next(window_id)
}

const next = (window_id: string): void => {
  const uploads = uploadsStore.getState().uploads.get(window_id) ?? []
  const room = atOnce - uploads.filter(({ state }) => state._tag === "Sending").length
  for (const upload of uploads.filter(({ state }) => state._tag === "Waiting").slice(0, Math.max(0, room))) {
    send(window_id, upload, false)
  }
}

/** By the old interface: `fetch` does not tell how much was sent. */
const send = (window_id: string, { file, id, path }: Upload, overwrite: boolean): void => {
  const xhr = new XMLHttpRequest()
  sending.set(id, xhr)
  const end = (state: UploadState) => {
    sending.delete(id)
    set(window_id, id, state)
    next(window_id)
  }
  xhr.upload.onprogress = ({ loaded }) => set(window_id, id, { _tag: "Sending", sent: loaded })
  xhr.onload = () => {
    if (xhr.status >= 200 && xhr.status < 300) end({ _tag: "Done" })
    else if (xhr.status === 409) end({ _tag: "Taken" })
    else end({ _tag: "Failed", why: reasonIn(xhr.responseText) ?? `The computer answered ${xhr.status}` })
  }
  xhr.onerror = () => end({ _tag: "Failed", why: unreachable })
  xhr.open("POST", `/files/upload?${new URLSearchParams({ path, overwrite: String(overwrite) })}`)
  xhr.setRequestHeader("content-type", "application/octet-stream")
  set(window_id, id, { _tag: "Sending", sent: 0 })
  xhr.send(file)
}

const reasonIn = (text: string): string | null => {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string"
      ? body.error
      : null
  } catch {
    return null
  }
}

const find = (window_id: string, id: number): Upload | undefined =>
  uploadsStore
    .getState()
    .uploads.get(window_id)
    ?.find((upload) => upload.id === id)

export const replaceTaken = (window_id: string, id: number): void => {
  const upload = find(window_id, id)
  if (upload !== undefined) send(window_id, upload, true)
}

/** Under a name that is free; `taken` are the names of its folder. */
export const keepBoth = (window_id: string, id: number, taken: ReadonlySet<string>): void => {
  const upload = find(window_id, id)
  if (upload === undefined) return
  // Its own name is taken, whatever the list that is shown says.
  const name = freeName(nameOf(upload.path), new Set([...taken, nameOf(upload.path)]))
  const path = inFolder(folderOf(upload.path), name)
  set(window_id, id, upload.state, path)
  send(window_id, { ...upload, path }, false)
}

export const retryUpload = (window_id: string, id: number): void => {
  set(window_id, id, { _tag: "Waiting" })
  next(window_id)
}

/** Stops it where it is under way. */
export const removeUpload = (window_id: string, id: number): void => {
  sending.get(id)?.abort()
  sending.delete(id)
  change(window_id, (uploads) => uploads.filter((upload) => upload.id !== id))
  next(window_id)
}

/** Takes those out that are through, or wait for nobody. */
export const clearUploads = (window_id: string): void =>
  change(window_id, (uploads) => uploads.filter(({ state }) => state._tag === "Sending" || state._tag === "Waiting"))
