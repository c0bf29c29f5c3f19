/** Which app shows a file: what is to be read as it is drawn goes to the viewer, text to the editor. */
import { posix } from "node:path"

const drawn = new Set([
  ".avif",
  ".bmp",
  ".gif",
  ".htm",
  ".html",
  ".ico",
  ".jpeg",
  ".jpg",
  ".pdf",
  ".png",
  ".svg",
  ".webp"
])

/** `head` is the file's beginning. A line is only meant where there is text. */
export const appOfFile = (path: string, head: Uint8Array, line: number | null): "editor" | "viewer" => {
  if (head.includes(0)) return "viewer"
  return line === null && drawn.has(posix.extname(path).toLowerCase()) ? "viewer" : "editor"
}
