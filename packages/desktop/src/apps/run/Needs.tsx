import type { Approval, Question } from "@choiros/protocol"
import { Hand } from "lucide-react"
import { useMemo } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import styles from "./Needs.module.css"

/** What waits for the person in a run and in those below it. */
export const useNeeds = (
  run_id: string
): { readonly approvals: ReadonlyArray<Approval>; readonly questions: ReadonlyArray<Question> } => {
  const waiting = useStore(waitingStore, (store) => store.waiting)
  return useMemo(() => {
    const isOurs = (one: Approval | Question) => one.run_id === run_id || one.root_run_id === run_id
    return {
      approvals: [...waiting.approvals.values()].filter(isOurs),
      questions: [...waiting.questions.values()].filter(isOurs)
    }
  }, [waiting, run_id])
}

export const Needs = ({ run_id }: { readonly run_id: string }) => {
  const { approvals, questions } = useNeeds(run_id)
  if (approvals.length + questions.length === 0) return null
  return (
    <section className={styles.needs} aria-label="Waiting for you">
      {approvals.map(({ agent, approval_id, intent }) => (
        <div key={approval_id} className={styles.need}>
          <Hand className={styles.hand} size={16} strokeWidth={1.75} aria-hidden="true" />
          <AgentMark name={agent} labelled />
          <p>{plainName(intent)}</p>
          <Button size="s" onClick={() => openApp("inbox", { approval_id })}>
            Decide
          </Button>
        </div>
      ))}
      {questions.map(({ agent, question_id, text }) => (
        <div key={question_id} className={styles.need}>
          <Hand className={styles.hand} size={16} strokeWidth={1.75} aria-hidden="true" />
          <AgentMark name={agent} labelled />
          <p>{plainName(text)}</p>
          <Button size="s" onClick={() => openApp("inbox")}>
            Answer
          </Button>
        </div>
      ))}
    </section>
  )
}
