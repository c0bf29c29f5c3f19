import type { Approval, Question } from "@choiros/protocol"
import { useMemo } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import { groupApprovals } from "../inbox/groups.ts"
import { QuestionCard } from "../inbox/QuestionCard.tsx"
import { Requests } from "../inbox/Requests.tsx"
import styles from "./Needs.module.css"

/** Requests, those of the same kind as one, and questions that are shown; the inbox has the rest. */
const most = 3

/** What waits for the person in a run and in those below it. */
export const Needs = ({ run_id }: { readonly run_id: string }) => {
  const { approvals: all, questions: asked } = useStore(waitingStore, ({ waiting }) => waiting)
  const { groups, questions } = useMemo(() => {
    const isOurs = (one: Approval | Question) => one.run_id === run_id || one.root_run_id === run_id
    return { groups: groupApprovals([...all.values()].filter(isOurs)), questions: [...asked.values()].filter(isOurs) }
  }, [all, asked, run_id])
  if (groups.length + questions.length === 0) return null
  const unseen = groups.slice(most).reduce((sum, { approvals }) => sum + approvals.length, 0)
  const more = unseen + Math.max(0, questions.length - most)
  return (
    <section className={styles.needs} aria-label="Waiting for you">
      <Requests groups={groups.slice(0, most)} dense={(approval) => approval.run_id === run_id} />
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
