/** Who asks, and for what, the oldest first; each line leads to the card that decides it. */
import type { Approval, Props, Question } from "@choiros/protocol"
import { useStore } from "zustand"
import { plainName, visibleText } from "../../content/plainText.ts"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import { showStatus } from "../overlay.ts"
import styles from "./status.module.css"

interface Line extends Pick<Approval | Question, "agent" | "since"> {
  readonly id: string
  readonly what: string
  readonly shows: Props
}

const WaitingList = () => {
  const { known, waiting } = useStore(waitingStore)
  const now = useNow(10_000)
  const lines = [
    ...[...waiting.approvals.values()].map(
      ({ agent, approval_id, intent, since }): Line => ({
        id: approval_id,
        agent,
        since,
        what: intent,
        shows: { approval_id, question_id: "" }
      })
    ),
    ...[...waiting.questions.values()].map(
      ({ agent, question_id, since, text }): Line => ({
        id: question_id,
        agent,
        since,
        what: text,
        shows: { approval_id: "", question_id }
      })
    )
  ].toSorted((a, b) => (a.since < b.since ? -1 : 1))
  const open = (shows: Props = {}) => {
    showStatus(null)
    openApp("inbox", shows)
  }
  return (
    <>
      {lines.length === 0 ? (
        <p className={styles.note}>
          {known
            ? "No agent waits for you. What one may not do by itself, and what it asks you, comes here."
            : "That is known when the computer has answered."}
        </p>
      ) : (
        <ul className={styles.list}>
          {lines.map(({ agent, id, shows, since, what }) => (
            <li key={id} className={styles.row}>
              <button type="button" className={styles.rowFace} onClick={() => open(shows)}>
                <AgentMark name={agent} size={14} />
                <span className={styles.words}>
                  <span className={styles.name}>{visibleText(what)}</span>
                  <span className={styles.more}>
                    {plainName(agent)}, {relativeTime(since, now)}
                  </span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.actions}>
        <Button size="s" onClick={() => open()}>
          Open the inbox
        </Button>
      </div>
    </>
  )
}

export default WaitingList
