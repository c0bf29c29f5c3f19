/** What is asked of the computer about files. */
import {
  FileChangedReply,
  FileReadReply,
  FileSearchReply,
  FilesReply,
  FileTrashedReply,
  FileWriteReply,
  TrashReply
} from "@choiros/protocol"
import { ApiError, get, post, request, requestBlob, unreachable } from "../../client/api.ts"
import { nameOf } from "./paths.ts"

export const listFolder = (path: string, signal?: AbortSignal): Promise<FilesReply> =>
  get("/files", FilesReply, { path, hidden: true }, signal)

export const readText = (path: string, signal?: AbortSignal): Promise<FileReadReply> =>
  get("/files/content", FileReadReply, { path }, signal)

/** `base_rev`: what it is based on; 0 where nothing may be there; null goes over whatever is there. */
export const writeText = (path: string, content: string, base_rev: number | null): Promise<FileWriteReply> =>
  request("PUT", "/files/content", FileWriteReply, { body: { path, content, base_rev } })

export const makeFolder = (path: string): Promise<FileChangedReply> =>
  post("/files/folders", { path }, FileChangedReply)

export const moveFile = (from: string, to: string): Promise<FileChangedReply> =>
  post("/files/move", { from, to }, FileChangedReply)

export const trashFile = (path: string): Promise<FileTrashedReply> =>
  request("DELETE", "/files", FileTrashedReply, { query: { path } })

export const listTrash = (signal?: AbortSignal): Promise<TrashReply> => get("/files/trash", TrashReply, {}, signal)

export const restoreFile = (trash_id: string, to: string | null): Promise<FileChangedReply> =>
  post("/files/restore", { trash_id, to }, FileChangedReply)

export const searchFiles = (
  query: string,
  where: "names" | "contents",
  path: string,
  signal: AbortSignal
): Promise<FileSearchReply> =>
  get(
    "/files/search",
    FileSearchReply,
    { query, in: where, path, literal: true, ignore_case: true, limit: 500 },
    signal
  )

const downloadUrl = (path: string): string => `/files/download?${new URLSearchParams({ path })}`

export const download = (path: string): void => {
  const link = document.createElement("a")
  link.href = downloadUrl(path)
  link.download = nameOf(path)
  link.click()
}

export interface Part {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Of the whole file. */
  readonly size: number
}

/** The first `limit` bytes of a file; the rest is not fetched. */
export const readPart = async (
  path: string,
  limit: number,
  signal: AbortSignal,
  onProgress: (loaded: number, total: number) => void = () => undefined
): Promise<Part> => {
  const response = await fetch(downloadUrl(path), { signal }).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new ApiError(0, unreachable)
  })
  if (!response.ok || response.body === null) {
    // The refusal's words are decoded where all others are.
    await requestBlob("/files/download", { query: { path }, signal })
    throw new ApiError(response.status, `The computer answered ${response.status}`)
  }
  const size = Number(response.headers.get("content-length") ?? 0)
  const bytes = new Uint8Array(Math.min(limit, size))
  const reader = response.body.getReader()
  let loaded = 0
  while (loaded < bytes.length) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      if (signal.aborted) throw error
      throw new ApiError(0, "The connection broke while the file was read")
    })
    if (done) break
    bytes.set(value.subarray(0, bytes.length - loaded), loaded)
    loaded = Math.min(bytes.length, loaded + value.length)
    onProgress(loaded, bytes.length)
  }
  await reader.cancel().catch(() => undefined)
  if (loaded < bytes.length) throw new Error("The file changed while it was read")
  return { bytes, size }
}
