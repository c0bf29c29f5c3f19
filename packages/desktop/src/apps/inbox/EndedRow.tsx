/** A run that is over: what it was for, how it ended, and where to go from there. */
import type { ChoirCard } from "@choiros/protocol"
import { memo } from "react"
import { plainName, shortened, visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { duration, money, relativeTime } from "../../ui/format.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { retryRun } from "../run/runCommands.ts"
import styles from "./EndedRow.module.css"
import { changeMarks, oneRead } from "./endedRuns.ts"

interface EndedRowProps {
  readonly card: ChoirCard
  readonly unread: boolean
  readonly online: boolean
}

export const openEnded = (card: ChoirCard): void => {
  changeMarks((marks) => oneRead(marks, card))
  openApp("run", { run_id: card.run_id })
}

export const EndedRow = memo(({ card, online, unread }: EndedRowProps) => {
  const now = useNow(30_000)
  const {
    actor_id,
    agent,
    ended_at,
    lines,
    objective,
    phase,
    reason,
    run_id,
    session_id,
    spent,
    started_at,
    thread_id
  } = card
  const failed = phase === "failed" || phase === "interrupted"
  const last = lines.at(-1) ?? null
  const took = started_at === null || ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at)
  const words = shortened(plainName(objective), 160)
  const read = () => changeMarks((marks) => oneRead(marks, card))
  return (
    <article
      className={styles.row}
      aria-label={`${unread ? "New: " : ""}${words}, ${phaseWords[phase].label}`}
      tabIndex={-1}
      data-ended={run_id}
      data-unread={unread}
    >
      <div className={styles.head}>
        <StateIcon phase={phase} />
        <h3 className={styles.objective}>{words}</h3>
        {ended_at === null ? null : (
          <time className={styles.at} dateTime={ended_at} title={new Date(ended_at).toLocaleString()}>
            {relativeTime(ended_at, now)}
          </time>
        )}
      </div>
      {failed ? (
        <p className={styles.cause}>
          {reason === null || reason === "" ? "It does not say why." : visibleText(shortened(reason, 400))}
        </p>
      ) : last === null ? null : (
        <p className={styles.last}>{visibleText(shortened(last, 240))}</p>
      )}
      {phase === "done_with_warnings" && reason !== null && reason !== "" ? (
        <p className={styles.warning}>{visibleText(shortened(reason, 400))}</p>
      ) : null}
      <div className={styles.foot}>
        <span className={styles.facts}>
          <AgentMark name={agent} size={14} />
          {plainName(agent)}
          {took === null ? "" : ` · ${duration(took)}`}
          {spent.cost > 0 ? ` · ${money(spent.cost)}` : ""}
        </span>
        <span className={styles.buttons}>
          {failed ? (
            <Button
              size="s"
              disabled={!online}
              onClick={() => {
                read()
                void retryRun(run_id)
              }}
            >
              Retry
            </Button>
          ) : null}
          {session_id === null || thread_id === null ? null : (
            <Button
              size="s"
              onClick={() => {
                read()
                openApp("chat", { actor_id, session_id, thread_id })
              }}
            >
              Open chat
            </Button>
          )}
          <Button size="s" onClick={() => openEnded(card)}>
            Open run
          </Button>
          {unread ? (
            <Button size="s" variant="ghost" onClick={read}>
              Mark as read
            </Button>
          ) : null}
        </span>
      </div>
    </article>
  )
})
EndedRow.displayName = "EndedRow"
