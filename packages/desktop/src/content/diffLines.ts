/** A unified diff as lines with their numbers. What is not a diff is shown as a note, and never lost. */

export interface DiffLine {
  /** Of the file. */
  readonly id: number
  readonly kind: "context" | "added" | "removed" | "hunk" | "note"
  readonly text: string
  readonly before: number | null
  readonly after: number | null
}

export interface DiffFile {
  /** Of the patch. */
  readonly id: number
  /** The path after the change; the one before where it was deleted. */
  readonly path: string
  readonly state: "changed" | "added" | "deleted" | "renamed"
  readonly added: number
  readonly removed: number
  readonly lines: ReadonlyArray<DiffLine>
}

type Draft = { -readonly [Key in keyof DiffFile]: DiffFile[Key] } & { lines: Array<DiffLine>; from: string }

export const parseDiff = (patch: string): ReadonlyArray<DiffFile> => {
  const files: Array<Draft> = []
  let file: Draft | undefined
  let before = 0
  let after = 0
  /** Lines that the hunk still has by its own head: a removed `-- x` is no new file. */
  let leftBefore = 0
  let leftAfter = 0
  const open = (): Draft => {
    file = { id: files.length, path: "", from: "", state: "changed", added: 0, removed: 0, lines: [] }
    files.push(file)
    return file
  }
  const rows = patch.split("\n")
  if (rows.at(-1) === "") rows.pop()
  for (const row of rows) {
    const text = row.endsWith("\r") ? row.slice(0, -1) : row
    if (leftBefore > 0 || leftAfter > 0) {
      const current = file ?? open()
      const mark = text[0]
      const rest = text.slice(1)
      if (mark === "+" && leftAfter > 0) {
        current.lines.push({ id: current.lines.length, kind: "added", text: rest, before: null, after })
        current.added += 1
        after += 1
        leftAfter -= 1
        continue
      }
      if (mark === "-" && leftBefore > 0) {
        current.lines.push({ id: current.lines.length, kind: "removed", text: rest, before, after: null })
        current.removed += 1
        before += 1
        leftBefore -= 1
        continue
      }
      if (mark === " " || mark === undefined) {
        current.lines.push({ id: current.lines.length, kind: "context", text: rest, before, after })
        before += 1
        after += 1
        leftBefore -= 1
        leftAfter -= 1
        continue
      }
      if (mark !== "\\") {
        leftBefore = 0
        leftAfter = 0
      }
    }
    const hunk = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@(.*)$/.exec(text)
    if (hunk !== null) {
      before = Number(hunk[1])
      after = Number(hunk[3])
      leftBefore = Number(hunk[2] ?? "1")
      leftAfter = Number(hunk[4] ?? "1")
      const current = file ?? open()
      current.lines.push({ id: current.lines.length, kind: "hunk", text: (hunk[5] ?? "").trim(), before, after })
    } else if (text.startsWith("diff --git ")) open()
    else if (text.startsWith("--- ")) {
      const current = file === undefined || file.lines.length > 0 || file.from !== "" ? open() : file
      current.from = pathOf(text.slice(4))
    } else if (text.startsWith("+++ ") && file !== undefined) {
      const to = pathOf(text.slice(4))
      file.path = to === "/dev/null" ? file.from : to
      file.state = to === "/dev/null" ? "deleted" : file.from === "/dev/null" ? "added" : file.state
    } else if (text.startsWith("rename to ") && file !== undefined) {
      file.path = text.slice("rename to ".length)
      file.state = "renamed"
    } else if (!/^(?:index |similarity |rename from |new file |deleted file |old mode |new mode |={4,}$)/.test(text)) {
      if (text === "") continue
      const current = file ?? open()
      current.lines.push({ id: current.lines.length, kind: "note", text: noteOf(text), before: null, after: null })
    }
  }
  return files.map(({ from: _, lines, ...rest }) => ({ ...rest, lines: withoutSameEnd(lines) }))
}

const noNewline = "No newline at end of file"

/** Neither text ends with a line break: nothing to tell of. */
const withoutSameEnd = (lines: Array<DiffLine>): ReadonlyArray<DiffLine> => {
  const isEnd = ({ kind, text }: DiffLine): boolean => kind === "note" && text === noNewline
  return lines.filter(isEnd).length < 2 ? lines : lines.filter((line) => !isEnd(line))
}

/** `+12 −3` of a whole patch; what an excerpt says about itself counts more than the lines that it has. */
export const countsOfDiff = (patch: string): { readonly added: number; readonly removed: number } => {
  const said = /^\[\+(\d+) -(\d+) in all; \d+ characters left out\]$/m.exec(patch)
  if (said !== null) return { added: Number(said[1]), removed: Number(said[2]) }
  let added = 0
  let removed = 0
  for (const file of parseDiff(patch)) {
    added += file.added
    removed += file.removed
  }
  return { added, removed }
}

/** Without the time stamp that some tools write after the path, and without git's `a/` and `b/`. */
const pathOf = (text: string): string => {
  const path = (text.split("\t")[0] ?? "").trim()
  return /^[ab]\//.test(path) ? path.slice(2) : path
}

const noteOf = (text: string): string => (text.startsWith("\\ ") ? text.slice(2) : text)
