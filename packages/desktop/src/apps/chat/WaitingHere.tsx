/** What a run, or one below it, waits for a person for: decided where it is read. */
import { useMemo } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import styles from "./TurnFoot.module.css"

export const WaitingHere = ({ run_id }: { readonly run_id: string }) => {
  const waiting = useStore(waitingStore, (store) => store.waiting)
  const approvals = useMemo(
    () => [...waiting.approvals.values()].filter((one) => one.run_id === run_id || one.root_run_id === run_id),
    [waiting.approvals, run_id]
  )
  const questions = useMemo(
    () => [...waiting.questions.values()].filter((one) => one.run_id === run_id || one.root_run_id === run_id),
    [waiting.questions, run_id]
  )
  if (approvals.length === 0 && questions.length === 0) return null
  return (
    <div className={styles.waiting}>
      {approvals.map((approval) => (
        <div key={approval.approval_id} className={styles.ask}>
          <span className={styles.words}>{plainName(approval.intent)}</span>
          <Button size="s" onClick={() => openApp("inbox", { approval_id: approval.approval_id })}>
            Decide in the inbox
          </Button>
        </div>
      ))}
      {questions.map((question) => (
        <div key={question.question_id} className={styles.ask}>
          <span className={styles.words}>{plainName(question.text)}</span>
          <Button size="s" onClick={() => openApp("inbox")}>
            Answer in the inbox
          </Button>
        </div>
      ))}
    </div>
  )
}
