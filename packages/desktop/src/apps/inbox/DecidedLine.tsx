/** What was decided, by whom and when. */
import { Check, type LucideIcon, Undo2, X } from "lucide-react"
import { plainName, visibleText } from "../../content/plainText.ts"
import { relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import styles from "./DecidedLine.module.css"
import { type Decision, decidedWords } from "./decidedWords.ts"

const icons: Readonly<Record<Decision["decision"], LucideIcon>> = {
  once: Check,
  run: Check,
  always: Check,
  deny: X,
  withdrawn: Undo2
}

export const DecidedLine = ({ decided }: { readonly decided: Decision }) => {
  const now = useNow(5_000)
  const { at, decision, note, pattern, tool_args } = decided
  const Icon = icons[decision]
  return (
    <div className={styles.decided} data-decision={decision}>
      <p className={styles.line}>
        <Icon className={styles.icon} size={14} strokeWidth={2} aria-hidden="true" />
        <span>
          {decidedWords(decided)}
          {pattern === null ? null : (
            <>
              {": "}
              <code>{plainName(pattern)}</code>
            </>
          )}
          {tool_args === null ? "" : ", with changed arguments"}
        </span>
        <time className={styles.at} dateTime={at} title={new Date(at).toLocaleString()}>
          {relativeTime(at, now)}
        </time>
      </p>
      {note === null || note.trim() === "" ? null : (
        <blockquote className={styles.note}>{visibleText(note)}</blockquote>
      )}
    </div>
  )
}
