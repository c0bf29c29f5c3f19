/** A file by the path that someone said, an agent or a person: one file is one window, however it was called. */
import { FilesReply } from "@choiros/protocol"
import { get } from "../client/api.ts"
import { openApp } from "./windows.ts"

let root: Promise<string> | null = null

/** The workspace's own path. It does not change while the page lives. */
export const workspaceRoot = (): Promise<string> => {
  root ??= get("/files", FilesReply, { path: ".", hidden: true }).then(
    ({ path }) => path,
    (error: unknown) => {
      root = null
      throw error
    }
  )
  return root
}

/** What is looked at rather than written. */
const pictures = /\.(?:png|jpe?g|gif|webp|avif|bmp|ico|svg|pdf|html?|xhtml)$/i

/**
 * A path that does not begin at the root is the workspace's, whose own path is asked for first. `line` counts from 1.
 * Rejects never.
 */
export const openFile = (said: string, line?: number): void | Promise<void> => {
  const open = (path: string): void => {
    const app = line === undefined && pictures.test(path) ? "viewer" : "editor"
    openApp(app, { path, ...(line === undefined ? {} : { line }) })
  }
  if (said.startsWith("/")) return open(said)
  return workspaceRoot().then(
    (whole) => open(absolute(whole, said)),
    // Without an answer the app says what is wrong, by the path as it was said.
    () => open(said)
  )
}

const absolute = (folder: string, said: string): string => {
  const parts = folder.split("/")
  for (const part of said.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return parts.join("/")
}
