/** The search of our own: prints what ripgrep would print, for the files under a path. */
import { createReadStream, lstatSync, readdirSync } from "node:fs"
import * as path from "node:path"
import { createInterface } from "node:readline"
import type { WalkRequest } from "./search.ts"

const sniffedBytes = 8192
const maxFileBytes = 64 * 1024 * 1024

/** Throws when the pattern is no regular expression. */
export const walk = async (request: typeof WalkRequest.Type, root: string): Promise<void> => {
  const source = request.literal ? request.pattern.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&") : request.pattern
  const expression = new RegExp(source, request.ignore_case ? "iu" : "u")
  for (const file of filesUnder(root, request)) await searchFile(file, expression)
}

function* filesUnder(root: string, request: typeof WalkRequest.Type): Generator<string> {
  const stats = lstatSync(root, { throwIfNoEntry: false })
  if (stats?.isFile() === true) yield root
  if (stats?.isDirectory() !== true) return
  const skipped = new Set(request.skipped)
  const pending = [root]
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const folders: Array<string> = []
    for (const child of childrenOf(folder)) {
      if (skipped.has(child.name)) continue
      const full = path.join(folder, child.name)
      if (child.isDirectory()) folders.push(full)
      else if (child.isFile() && globFits(path.relative(root, full), request.glob)) yield full
    }
    pending.push(...folders.reverse())
  }
}

const childrenOf = (folder: string) => {
  try {
    return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  } catch {
    // Gone or not readable: it has nothing to show.
    return []
  }
}

/** A glob without a slash fits a name at any depth; `!` turns it round. */
const globFits = (relative: string, glob: string | null): boolean => {
  if (glob === null) return true
  if (glob.startsWith("!")) return !globFits(relative, glob.slice(1))
  const pattern = glob.replace(/^\//, "")
  return (
    path.matchesGlob(relative, pattern) ||
    (!pattern.includes("/") && path.matchesGlob(path.basename(relative), pattern))
  )
}

const searchFile = async (file: string, expression: RegExp): Promise<void> => {
  if ((lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) > maxFileBytes) return
  const stream = createReadStream(file)
  try {
    let number = 0
    for await (const text of createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (number === 1 && text.slice(0, sniffedBytes).includes("\0")) return
      const found = expression.exec(text)
      if (found === null) continue
      const start = Buffer.byteLength(text.slice(0, found.index))
      const match = { path: { text: file }, lines: { text }, line_number: number, submatches: [{ start }] }
      process.stdout.write(`${JSON.stringify({ type: "match", data: match })}\n`)
    }
  } catch {
    // Not readable: it has nothing to show.
  } finally {
    stream.destroy()
  }
}
