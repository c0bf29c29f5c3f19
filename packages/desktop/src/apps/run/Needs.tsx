import type { Approval, Question } from "@choiros/protocol"
import { useMemo } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import { ApprovalCard } from "../inbox/ApprovalCard.tsx"
import { QuestionCard } from "../inbox/QuestionCard.tsx"
import styles from "./Needs.module.css"

/** Cards of each kind that are shown; the inbox has the rest. */
const most = 3

/** What waits for the person in a run and in those below it. */
export const Needs = ({ run_id }: { readonly run_id: string }) => {
  const { approvals: all, questions: asked } = useStore(waitingStore, ({ waiting }) => waiting)
  const { approvals, questions } = useMemo(() => {
    const isOurs = (one: Approval | Question) => one.run_id === run_id || one.root_run_id === run_id
    return { approvals: [...all.values()].filter(isOurs), questions: [...asked.values()].filter(isOurs) }
  }, [all, asked, run_id])
  if (approvals.length + questions.length === 0) return null
  const more = Math.max(0, approvals.length - most) + Math.max(0, questions.length - most)
  return (
    <section className={styles.needs} aria-label="Waiting for you">
      {approvals.slice(0, most).map((approval) => (
        <ApprovalCard key={approval.approval_id} approval={approval} dense={approval.run_id === run_id} />
      ))}
      {questions.slice(0, most).map((question) => (
        <QuestionCard key={question.question_id} question={question} dense={question.run_id === run_id} />
      ))}
      {more === 0 ? null : (
        <Button size="s" onClick={() => openApp("inbox")}>
          {count(more)} more in the inbox
        </Button>
      )}
    </section>
  )
}
