/** How a file's bytes are shown: text as text, an image as a `data:` URI, anything else in base64. */
import * as path from "node:path/posix"

const images: Readonly<Record<string, string>> = {
  ".avif": "image/avif",
  ".bmp": "image/bmp",
  ".gif": "image/gif",
  ".ico": "image/x-icon",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webp": "image/webp"
}

const texts: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".csv": "text/csv",
  ".htm": "text/html",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".md": "text/markdown",
  ".mjs": "text/javascript",
  ".ts": "text/typescript",
  ".tsx": "text/typescript",
  ".xml": "application/xml",
  ".yaml": "application/yaml",
  ".yml": "application/yaml"
}

export interface Shown {
  readonly mime: string
  readonly content: string
  /** It can't be saved from what is shown. */
  readonly readonly: boolean
}

/** Bytes of text that a save can carry; what is longer is shown and not saved. */
const longestEditable = 1024 * 1024

export const present = (file: string, bytes: Uint8Array): Shown => {
  const image = images[path.extname(file).toLowerCase()]
  if (image !== undefined) return { mime: image, content: dataUri(image, bytes), readonly: true }
  const { encoding, content } = encode(bytes)
  return encoding === "utf8"
    ? { mime: mimeOf(file, true), content, readonly: bytes.byteLength > longestEditable }
    : { mime: mimeOf(file, false), content: `data:${mimeOf(file, false)};base64,${content}`, readonly: true }
}

const dataUri = (mime: string, bytes: Uint8Array): string =>
  `data:${mime};base64,${Buffer.from(bytes).toString("base64")}`

/** Bytes that are text come back from it as they were, a byte order mark included. */
export const encode = (bytes: Uint8Array): { readonly encoding: "utf8" | "base64"; readonly content: string } => {
  try {
    if (!bytes.includes(0)) return { encoding: "utf8", content: decoder.decode(bytes) }
  } catch {
    // Not UTF-8: it goes as bytes.
  }
  return { encoding: "base64", content: Buffer.from(bytes).toString("base64") }
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const mimeOf = (file: string, isText: boolean): string => {
  const extension = path.extname(file).toLowerCase()
  return images[extension] ?? (isText ? (texts[extension] ?? "text/plain") : "application/octet-stream")
}
