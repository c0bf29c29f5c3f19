import { Brain, ChevronRight } from "lucide-react"
import { memo, useState } from "react"
import { Markdown } from "../content/Markdown.tsx"
import { plainName, shortened } from "../content/plainText.ts"
import { classes } from "../ui/classes.ts"
import styles from "./ThinkingCard.module.css"

/** Characters of the line that stands for it when it is closed. */
const longest = 160

/** What a model has thought before it spoke: its last line while it thinks, one line when it is done. */
export const ThinkingCard = memo(({ text, live }: { readonly text: string; readonly live: boolean }) => {
  const [isOpen, setOpen] = useState(false)
  if (text.trim() === "" && !live) return null
  return (
    <div className={styles.card}>
      <button type="button" className={styles.head} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <ChevronRight
          className={classes(styles.chevron, isOpen && styles.turned)}
          size={14}
          strokeWidth={1.75}
          aria-hidden="true"
        />
        <Brain className={classes(styles.icon, live && styles.live)} size={14} strokeWidth={1.75} aria-hidden="true" />
        <span className={styles.name}>{live ? "Thinking" : "Thought"}</span>
        {isOpen ? null : <span className={styles.line}>{lineOf(text, live)}</span>}
      </button>
      {isOpen ? (
        <div className={styles.text}>
          <Markdown text={text} streaming={live} />
        </div>
      ) : null}
    </div>
  )
})
ThinkingCard.displayName = "ThinkingCard"

/** Characters that are looked at for a line. */
const lookedAt = 2_000

/** While it goes on the last line that has words, afterwards the first. */
const lineOf = (text: string, live: boolean): string => {
  const part = live ? text.slice(-lookedAt) : text.slice(0, lookedAt)
  const lines = part.split("\n").filter((line) => /\w/.test(line))
  const line = (live ? lines.at(-1) : lines[0]) ?? ""
  return line === "" ? "" : shortened(plainName(line.replace(/^[#>*\-\s]+|\*\*|`/g, "")), longest)
}
