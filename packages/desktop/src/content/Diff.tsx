import { memo, useMemo, useState } from "react"
import { Button } from "../ui/Button.tsx"
import { classes } from "../ui/classes.ts"
import styles from "./Diff.module.css"
import { DiffCounts } from "./DiffCounts.tsx"
import { type DiffFile, type DiffLine, parseDiff } from "./diffLines.ts"
import { plainName, visibleText } from "./plainText.ts"
import { scrollable } from "./scrollable.ts"

/** Lines that a file shows at first, and that each "more" adds. */
const atOnce = 200

/** A unified diff: each file with its counts and numbered lines. */
export const Diff = memo(({ patch, heads = true }: { readonly patch: string; readonly heads?: boolean }) => {
  const files = useMemo(() => parseDiff(patch), [patch])
  if (files.length === 0) return <p className={styles.empty}>Nothing differs.</p>
  return (
    <div className={styles.diff}>
      {files.map((file) => (
        <File key={file.id} file={file} head={heads || files.length > 1} />
      ))}
    </div>
  )
})
Diff.displayName = "Diff"

const File = ({ file, head }: { readonly file: DiffFile; readonly head: boolean }) => {
  const [shown, setShown] = useState(atOnce)
  const left = file.lines.length - shown
  return (
    <figure className={styles.file} aria-label={`Changes in ${plainName(file.path)}`}>
      {head ? (
        <header className={styles.head}>
          <span className={styles.path}>{plainName(file.path)}</span>
          {file.state === "changed" ? null : <span className={styles.state}>{file.state}</span>}
          <DiffCounts added={file.added} removed={file.removed} />
        </header>
      ) : null}
      <div className={styles.lines} {...scrollable}>
        <div className={styles.sheet}>
          {file.lines.slice(0, shown).map((line) => (isBare(line) ? null : <Line key={line.id} line={line} />))}
        </div>
      </div>
      {left > 0 ? (
        <Button variant="ghost" size="s" onClick={() => setShown(shown + atOnce * 5)}>
          {left === 1 ? "Show 1 more line" : `Show more (${left} lines are left)`}
        </Button>
      ) : null}
    </figure>
  )
}

/** The head of a part that begins at the first line says nothing. */
const isBare = ({ after, id, kind, text }: DiffLine): boolean =>
  id === 0 && kind === "hunk" && text === "" && (after ?? 0) <= 1

const marks = { added: "+", removed: "−", context: "", hunk: "", note: "" } as const
const spoken = { added: "added: ", removed: "removed: ", context: "", hunk: "", note: "" } as const

const Line = ({ line }: { readonly line: DiffLine }) => {
  if (line.kind === "hunk" || line.kind === "note") {
    return (
      <div className={classes(styles.line, styles[line.kind])}>
        {line.kind === "hunk"
          ? `Line ${line.after ?? 0}${line.text === "" ? "" : `, ${visibleText(line.text)}`}`
          : visibleText(line.text)}
      </div>
    )
  }
  return (
    <div className={classes(styles.line, styles[line.kind])}>
      <span className={styles.number}>{line.before}</span>
      <span className={styles.number}>{line.after}</span>
      <span className={styles.mark} aria-hidden="true">
        {marks[line.kind]}
      </span>
      <span className={styles.text}>
        {spoken[line.kind] === "" ? null : <span className="visually-hidden">{spoken[line.kind]}</span>}
        {visibleText(line.text)}
      </span>
    </div>
  )
}
