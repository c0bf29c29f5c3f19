import { memo } from "react"
import { ErrorCard } from "../../cards/ErrorCard.tsx"
import { FoldedCallsCard } from "../../cards/FoldedCallsCard.tsx"
import { NoteLine } from "../../cards/NoteLine.tsx"
import { RunOfCards } from "../../cards/runOfCards.ts"
import { ThinkingCard } from "../../cards/ThinkingCard.tsx"
import { Markdown } from "../../content/Markdown.tsx"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { clockTime } from "../../ui/format.ts"
import { Spinner } from "../../ui/Spinner.tsx"
import { useActs } from "./conversationContext.ts"
import type { Row } from "./conversationRows.ts"
import styles from "./RowView.module.css"
import { TaskLine } from "./TaskLine.tsx"
import { ToolRow } from "./ToolRow.tsx"
import { TurnFoot } from "./TurnFoot.tsx"
import { Typed } from "./Typed.tsx"
import { UserMessage } from "./UserMessage.tsx"

/** One row of a conversation. */
export const RowView = memo(({ row }: { readonly row: Row }) => {
  const acts = useActs()
  switch (row.kind) {
    case "user":
      return <UserMessage item={row.item} began={row.began} />
    case "sending":
      return (
        <article className={styles.mine} aria-label="Your message, being sent">
          <Typed text={row.message.text} />
          <p className={styles.under}>
            <Spinner /> Sending
          </p>
        </article>
      )
    case "note":
      return (
        <p className={styles.note}>
          <span>{plainName(row.item.text)}</span>
        </p>
      )
    case "head":
      return <Head row={row} />
    case "thinking":
      return <ThinkingCard text={row.text} live={row.live} />
    case "text":
      return (
        <div className={styles.text}>
          <Markdown text={row.text} streaming={row.streaming} onOpenFile={acts.openFile} />
        </div>
      )
    case "call_failed":
      return <ErrorCard error={row.error} />
    case "tool":
      return (
        <RunOfCards value={row.run_id}>
          <ToolRow tool={row.tool} live={row.live} />
        </RunOfCards>
      )
    case "group":
      return (
        <RunOfCards value={row.run_id}>
          <FoldedCallsCard group={row.group} live={false} onOpen={acts.openTarget} />
        </RunOfCards>
      )
    case "event":
      return <NoteLine note={row.note} />
    case "task":
      return <TaskLine task={row.task} />
    case "foot":
      return <TurnFoot turn={row.turn} />
  }
})
RowView.displayName = "RowView"

const Head = ({ row }: { readonly row: Extract<Row, { readonly kind: "head" }> }) => {
  const { agent, at, model, trigger } = row
  const name = plainName(agent)
  const again =
    trigger.kind === "retry" || trigger.kind === "fork"
      ? `${trigger.kind === "retry" ? "tried again" : "forked"}${trigger.from_step > 1 ? ` from step ${trigger.from_step}` : ""}`
      : null
  return (
    <header className={styles.head}>
      <AgentMark name={agent} />
      <h3 className={styles.agent}>{name}</h3>
      <span className={styles.model}>{plainName(model)}</span>
      {again === null ? null : <span className={styles.model}>{again}</span>}
      <time className={styles.time} dateTime={at}>
        {clockTime(at)}
      </time>
    </header>
  )
}
