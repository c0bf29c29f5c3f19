import { User } from "lucide-react"
import { memo } from "react"
import { Markdown } from "../content/Markdown.tsx"
import type { OpenFile } from "../content/OpenFile.ts"
import { plainName, visibleText } from "../content/plainText.ts"
import { AgentMark } from "../ui/AgentMark.tsx"
import { clockTime } from "../ui/format.ts"
import styles from "./MessageCard.module.css"

/** Something that was said, by a person (as it was typed) or an agent (as markdown). */
export const MessageCard = memo(
  ({
    from,
    text,
    at,
    streaming = false,
    onOpenFile
  }: {
    /** `user`, or the name of an agent, a watcher or a check. */
    readonly from: string
    readonly text: string
    /** RFC 3339. */
    readonly at?: string | undefined
    readonly streaming?: boolean
    readonly onOpenFile?: OpenFile | undefined
  }) => {
    const isUser = from === "user"
    const name = isUser ? "You" : plainName(from)
    return (
      <article className={styles.message} aria-label={`Message from ${name}`}>
        <header className={styles.head}>
          {isUser ? (
            <User className={styles.user} size={14} strokeWidth={1.75} aria-hidden="true" />
          ) : (
            <AgentMark name={name} size={14} />
          )}
          <span className={styles.name}>{name}</span>
          {at === undefined ? null : <time dateTime={at}>{clockTime(at)}</time>}
        </header>
        {isUser ? (
          <p className={styles.typed}>{visibleText(text)}</p>
        ) : (
          <Markdown text={text} streaming={streaming} onOpenFile={onOpenFile} />
        )}
      </article>
    )
  }
)
MessageCard.displayName = "MessageCard"
