/**
 * What a browser fetches before the desktop is there: the page, its entry, and all that these import at once.
 *
 * Law: it is at most `shellLimit` bytes gzipped. Apps and heavy libraries are fetched when a window needs them.
 */
import { gzipSync } from "node:zlib"

export const shellLimit = 200 * 1024

/** The files of the shell, by what the bundler says of its output (Rollup's, with Vite's notes on each chunk). */
export const shellFiles = (output) => {
  const chunks = new Map(output.filter(({ type }) => type === "chunk").map((chunk) => [chunk.fileName, chunk]))
  const files = new Set(["index.html"])
  const visit = (name) => {
    if (files.has(name)) return
    files.add(name)
    const chunk = chunks.get(name)
    if (chunk === undefined) return
    for (const imported of chunk.imports) visit(imported)
    for (const css of chunk.viteMetadata?.importedCss ?? []) files.add(css)
  }
  for (const chunk of chunks.values()) if (chunk.isEntry) visit(chunk.fileName)
  return [...files]
}

/** Each file with its size, the biggest first. `read` gives a file's bytes. */
export const measureShell = (output, read) => {
  const files = shellFiles(output)
    .map((name) => ({ name, bytes: gzipSync(read(name), { level: 9 }).length }))
    .sort((a, b) => b.bytes - a.bytes)
  return { files, total: files.reduce((sum, { bytes }) => sum + bytes, 0) }
}

const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`

/** What is wrong with it, in words; null when it fits. */
export const breachOf = ({ files, total }, limit = shellLimit) =>
  total <= limit
    ? null
    : `The desktop's shell is ${kib(total)} gzipped, and may be ${kib(limit)}: ${files
        .slice(0, 5)
        .map(({ name, bytes }) => `${name} ${kib(bytes)}`)
        .join(", ")}`
