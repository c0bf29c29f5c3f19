/**
 * Requests of the same kind, with each of them in sight, decided at once or one by one.
 *
 * Law: what is decided is what is listed; a request that joins later is not among it.
 */
import type { Approval } from "@choiros/protocol"
import { ChevronRight } from "lucide-react"
import { useEffect, useId, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { notify } from "../../state/notices.ts"
import { useStillHere } from "../../state/stillHere.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { TierBadge } from "../../ui/TierBadge.tsx"
import { ApprovalCard } from "./ApprovalCard.tsx"
import { Marked } from "./CallEffect.tsx"
import { type Answer, decide, isAsWanted, tellDecidedBefore } from "./decide.ts"
import styles from "./GroupCard.module.css"
import type { ApprovalGroup } from "./groups.ts"
import { useGuard } from "./guard.ts"
import { changeRequest, useBegunRequest } from "./kept.ts"
import { usePassedOn } from "./passedOn.ts"

interface GroupCardProps {
  readonly group: ApprovalGroup
  /** One of them that was asked for: it is open. */
  readonly asked: string | null
}

export const GroupCard = ({ asked, group: { approvals } }: GroupCardProps) => {
  const titleId = useId()
  const element = useRef<HTMLElement>(null)
  usePassedOn(element, true)
  const [first] = approvals
  const online = useStore(connectionStore, ({ status }) => status === "live" || status === "catching_up")
  const [busy, setBusy] = useState<Answer["decision"] | null>(null)
  const [problems, setProblems] = useState<ReadonlyArray<string>>([])
  const guarded = useGuard(approvals.map(({ approval_id, request_hash }) => `${approval_id} ${request_hash}`).join(" "))
  const off = guarded || busy !== null || !online
  const grave = first.tiers.includes("destructive") || first.tiers.includes("secrets")

  const here = useStillHere()

  const answerAll = async (decision: Answer["decision"]): Promise<void> => {
    if (off) return
    setBusy(decision)
    setProblems([])
    // The last one that waits stands alone, as a card with buttons of its own.
    for (const { approval_id } of approvals) changeRequest(approval_id, { busy: decision, problem: null })
    for (const approval of approvals) {
      const outcome = await decide(approval, { decision })
      changeRequest(approval.approval_id, { busy: null })
      if (outcome.kind === "done") continue
      if (outcome.kind === "conflict" && outcome.approval.decided !== null) {
        if (!isAsWanted(outcome.approval, decision)) tellDecidedBefore(outcome.approval)
        continue
      }
      const problem = `${approval.intent}: ${outcome.words}`
      if (here.current) setProblems((before) => [...before, problem])
      else notify("A request was not decided", { level: "error", text: problem })
    }
    setBusy(null)
  }

  return (
    <article
      ref={element}
      className={styles.group}
      aria-labelledby={titleId}
      tabIndex={-1}
      data-group={first.approval_id}
    >
      <h3 id={titleId} className={styles.title}>
        {approvals.length} requests of the same kind: <code>{plainName(first.tool_name)}</code>
      </h3>
      <div className={styles.tiers}>
        {first.tiers.map((tier) => (
          <TierBadge key={tier} tier={tier} />
        ))}
      </div>
      <ul className={styles.list}>
        {approvals.map((approval) => (
          <Request key={approval.approval_id} approval={approval} asked={approval.approval_id === asked} />
        ))}
      </ul>
      {problems.length === 0 ? null : (
        <ul className={styles.problems} role="alert">
          {problems.map((problem) => (
            <li key={problem}>{visibleText(problem)}</li>
          ))}
        </ul>
      )}
      <fieldset className={styles.buttons} aria-label="Decide all of them">
        <Button
          variant={grave ? "danger" : "primary"}
          busy={busy === "once"}
          aria-disabled={off ? true : undefined}
          onClick={() => void answerAll("once")}
        >
          Allow all {approvals.length} once
        </Button>
        <Button busy={busy === "run"} aria-disabled={off ? true : undefined} onClick={() => void answerAll("run")}>
          Allow for this run
        </Button>
        {first.pattern === null ? null : (
          <Button
            busy={busy === "always"}
            aria-disabled={off ? true : undefined}
            onClick={() => void answerAll("always")}
          >
            Always allow <code>{plainName(first.pattern)}</code>
          </Button>
        )}
        <Button busy={busy === "deny"} aria-disabled={off ? true : undefined} onClick={() => void answerAll("deny")}>
          Deny all {approvals.length}
        </Button>
      </fieldset>
    </article>
  )
}

const Request = ({ approval, asked }: { readonly approval: Approval; readonly asked: boolean }) => {
  const { changed, form } = useBegunRequest(approval.approval_id)
  // What was begun on it when it stood alone stays in sight.
  const [open, setOpen] = useState(asked || changed !== null || form !== null)
  useEffect(() => {
    if (asked) setOpen(true)
  }, [asked])
  return (
    <li className={styles.request}>
      <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
        <ChevronRight className={styles.chevron} size={14} strokeWidth={1.75} aria-hidden="true" data-open={open} />
        <AgentMark name={approval.agent} size={14} labelled />
        <span className={styles.intent}>
          <Marked text={approval.intent} dangerous={approval.dangerous} />
        </span>
      </button>
      {open ? <ApprovalCard approval={approval} /> : null}
    </li>
  )
}
