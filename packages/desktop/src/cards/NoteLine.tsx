import { ChevronRight } from "lucide-react"
import { memo, useState } from "react"
import { AnsiText } from "../content/AnsiText.tsx"
import { JsonView } from "../content/JsonView.tsx"
import { Markdown } from "../content/Markdown.tsx"
import { plainName } from "../content/plainText.ts"
import { classes } from "../ui/classes.ts"
import { clockTime } from "../ui/format.ts"
import styles from "./NoteLine.module.css"
import { type Note, noteWords } from "./noteWords.ts"

/** Something that happened in a run, in a sentence; an event that is not known by its type, with what it holds. */
export const NoteLine = memo(({ note }: { readonly note: Note }) => {
  const [isOpen, setOpen] = useState(false)
  const words = noteWords(note)
  const detail = words === null ? "payload" : words.detail
  const line = (
    <>
      <span className={classes(styles.dot, words === null ? null : styles[words.tone])} aria-hidden="true" />
      <span className={styles.text}>{words === null ? <code>{plainName(note.type)}</code> : words.text}</span>
      <time className={styles.time} dateTime={note.at}>
        {clockTime(note.at, true)}
      </time>
    </>
  )
  return (
    <div className={styles.note}>
      {detail === null ? (
        <div className={styles.line}>{line}</div>
      ) : (
        <button type="button" className={styles.line} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <ChevronRight
            className={classes(styles.chevron, isOpen && styles.turned)}
            size={12}
            strokeWidth={1.75}
            aria-hidden="true"
          />
          {line}
        </button>
      )}
      {isOpen && detail !== null ? (
        <div className={styles.detail}>
          {words === null ? (
            <JsonView value={note.payload} />
          ) : note.type.startsWith("worker.task.") ? (
            <AnsiText text={detail} maxLines={12} />
          ) : (
            <Markdown text={detail} />
          )}
        </div>
      ) : null}
    </div>
  )
})
NoteLine.displayName = "NoteLine"
