/** What runs below a turn wait for a person for, and what the turn itself asks beside its calls: decided where it is read. */
import { memo, useMemo } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"
import { groupApprovals } from "../inbox/groups.ts"
import { QuestionCard } from "../inbox/QuestionCard.tsx"
import { Requests } from "../inbox/Requests.tsx"
import styles from "./TurnFoot.module.css"

export const WaitingHere = memo(({ run_id }: { readonly run_id: string }) => {
  const waiting = useStore(waitingStore, (store) => store.waiting)
  const groups = useMemo(
    () =>
      groupApprovals(
        [...waiting.approvals.values()].filter((one) => one.root_run_id === run_id && one.run_id !== run_id)
      ),
    [waiting.approvals, run_id]
  )
  const questions = useMemo(
    () =>
      [...waiting.questions.values()].filter(
        (one) => one.root_run_id === run_id && (one.run_id !== run_id || one.call_id === null)
      ),
    [waiting.questions, run_id]
  )
  if (groups.length === 0 && questions.length === 0) return null
  return (
    <div className={styles.waiting}>
      <Requests groups={groups} />
      {questions.map((question) => (
        <QuestionCard key={question.question_id} question={question} />
      ))}
    </div>
  )
})
WaitingHere.displayName = "WaitingHere"
