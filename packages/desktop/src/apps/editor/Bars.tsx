/** What the person is to decide about the file, above its text. */
import type { ReactNode } from "react"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import styles from "./Bars.module.css"
import type { Document } from "./useDocument.ts"

interface BarsProps {
  readonly document: Document
  readonly offline: boolean
  readonly onCompare: (what: "theirs" | "draft") => void
  readonly onClose: () => void
}

export const Bars = ({ document, offline, onClose, onCompare }: BarsProps) => {
  const { draft, trouble } = document
  const now = useNow(30_000)
  const by = trouble !== null && "by" in trouble && trouble.by !== null ? ` by ${trouble.by}` : ""
  return (
    <>
      {trouble?._tag === "Conflict" && (
        <Bar
          tone="warning"
          words={`This file was changed${by} while you were writing. Both texts are kept until you choose.`}
        >
          <Button size="s" variant="primary" onClick={() => onCompare("theirs")}>
            Compare
          </Button>
          <Button size="s" disabled={offline} onClick={document.keepMine}>
            Keep mine
          </Button>
          <Button size="s" onClick={document.takeTheirs}>
            Take theirs
          </Button>
          <Button size="s" disabled={offline} busy={document.copying} onClick={document.keepBoth}>
            Save mine as a copy
          </Button>
        </Bar>
      )}
      {trouble?._tag === "Gone" && (
        <Bar tone="warning" words={`This file was deleted${by}, or moved by a shell. Its text is still here.`}>
          <Button size="s" variant="primary" disabled={offline} busy={document.saving} onClick={document.save}>
            Save it again
          </Button>
          <Button size="s" onClick={onClose}>
            Close
          </Button>
        </Bar>
      )}
      {trouble?._tag === "SaveFailed" && (
        <Bar tone="danger" words={`It was not saved. ${trouble.error}`}>
          <Button size="s" disabled={offline} busy={document.saving} onClick={document.save}>
            Try again
          </Button>
        </Bar>
      )}
      {draft !== null && trouble === null && (
        <Bar tone="info" words={`Text that you did not save is kept here, from ${relativeTime(draft.at, now)}.`}>
          <Button size="s" variant="primary" onClick={document.restoreDraft}>
            Bring it back
          </Button>
          <Button size="s" onClick={() => onCompare("draft")}>
            Compare
          </Button>
          <Button size="s" onClick={document.discardDraft}>
            Discard it
          </Button>
        </Bar>
      )}
    </>
  )
}

interface BarProps {
  readonly tone: "info" | "warning" | "danger"
  readonly words: string
  readonly children: ReactNode
}

const Bar = ({ children, tone, words }: BarProps) => (
  <div className={classes(styles.bar, styles[tone])} role="alert">
    <p className={styles.words}>{words}</p>
    <div className={styles.verbs}>{children}</div>
  </div>
)
