/**
 * One request of an agent, and the buttons that decide it.
 *
 * Law: the answer is for what is shown. Nothing is decided in the first 400 ms, and the focus never starts on Allow.
 */
import type { Approval } from "@choiros/protocol"
import { useEffect, useId, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { TierBadge } from "../../ui/TierBadge.tsx"
import styles from "./ApprovalCard.module.css"
import { Asker } from "./Asker.tsx"
import { CallArguments } from "./CallArguments.tsx"
import { CallEffect } from "./CallEffect.tsx"
import { ChangedCall, ChangedPreview } from "./ChangedCall.tsx"
import { applyDraft } from "./callArguments.ts"
import { DecidedLine } from "./DecidedLine.tsx"
import { DecisionBar } from "./DecisionBar.tsx"
import { type Answer, decide, tellDecidedBefore } from "./decide.ts"
import { useCardKeys } from "./focusedCard.ts"
import { cardsMoved, useGuard } from "./guard.ts"
import { changeRequest, useBegunRequest } from "./kept.ts"
import { useKeptFocus } from "./keptFocus.ts"
import { usePassedOn } from "./passedOn.ts"

interface ApprovalCardProps {
  readonly approval: Approval
  /** Among other things: who asks is told elsewhere, and what is known from there is left out. */
  readonly dense?: boolean | undefined
}

/** What an earlier look at it has found: it is another request by now, or it is decided. */
interface Found {
  readonly instead_of: string
  readonly approval: Approval
  readonly words: string
}

export const ApprovalCard = ({ approval: given, dense = false }: ApprovalCardProps) => {
  const element = useRef<HTMLElement>(null)
  const titleId = useId()
  const [found, setFound] = useState<Found | null>(null)
  const online = useStore(connectionStore, ({ status }) => status === "live" || status === "catching_up")

  const stillFound = found !== null && found.instead_of === given.request_hash && given.decided === null
  const approval = stillFound ? found.approval : given
  const { approval_id, decided, intent, request_hash, tiers, tool_args } = approval
  const { busy, changed: begun, problem } = useBegunRequest(approval_id)
  const draft = begun?.request_hash === request_hash ? begun.draft : null
  const guarded = useGuard(`${approval_id} ${request_hash}`)
  const edited = draft === null ? null : applyDraft(draft, tool_args)
  const changed = edited?.ok === true ? edited.tool_args : null
  const unreadable = edited?.ok === false

  const waits = decided === null
  useEffect(() => {
    if (!waits) return
    // What was below it is where it was: a click that was meant for this card must not meet another one.
    return cardsMoved
  }, [waits])

  const answer = async (one: Answer): Promise<void> => {
    if (guarded || busy !== null || !waits || !online) return
    if (one.decision !== "deny" && unreadable) return
    const hasFocus = element.current?.contains(document.activeElement) === true
    changeRequest(approval_id, { busy: one.decision, problem: null })
    const asked = changed === null || one.decision === "deny" ? one : { ...one, tool_args: changed }
    const outcome = await decide(approval, asked)
    changeRequest(approval_id, { busy: null, problem: outcome.kind === "failed" ? outcome.words : null })
    // Its buttons go, where they had the focus.
    if (hasFocus) element.current?.focus({ preventScroll: true })
    if (outcome.kind === "conflict") {
      tellDecidedBefore(outcome.approval)
      setFound({ instead_of: given.request_hash, approval: outcome.approval, words: outcome.words })
    }
  }
  usePassedOn(element, waits)
  useKeptFocus(element, approval_id)
  useCardKeys(
    element,
    waits ? { approve: () => void answer({ decision: "once" }), deny: () => void answer({ decision: "deny" }) } : null
  )

  return (
    <article
      ref={element}
      className={styles.card}
      aria-labelledby={titleId}
      tabIndex={-1}
      data-approval={approval_id}
      data-dense={dense}
      data-decided={decided?.decision}
    >
      {dense ? null : <Asker {...approval} />}
      <h3 id={titleId} className={styles.intent}>
        {visibleText(intent)}
      </h3>
      <div className={styles.tiers}>
        {tiers.map((tier) => (
          <TierBadge key={tier} tier={tier} />
        ))}
      </div>
      {decided !== null ? (
        <DecidedLine decided={decided} />
      ) : (
        <>
          {stillFound ? <ChangedCall before={given} after={approval} words={found.words} /> : null}
          {approval.reason === null || approval.reason.trim() === "" ? null : (
            <p className={styles.reason}>
              <span className={styles.label}>Why: </span>
              {visibleText(approval.reason)}
            </p>
          )}
          <CallEffect {...approval} />
          {draft === null ? null : <p className={styles.label}>Above is what the agent asked for.</p>}
          <CallArguments
            {...approval}
            draft={draft}
            onDraft={
              online && busy === null
                ? (now) => changeRequest(approval_id, { changed: now === null ? null : { request_hash, draft: now } })
                : undefined
            }
          />
          {changed === null ? null : <ChangedPreview approval={approval} tool_args={changed} />}
          <p className={styles.rule}>
            {approval.rule === null
              ? "No rule allows it, so you are asked. "
              : `Asked by a rule: ${plainName(approval.rule)} `}
            <button
              type="button"
              className={styles.link}
              onClick={() => openApp("settings", { section: "permissions" })}
            >
              Permissions
            </button>
          </p>
          {problem === null ? null : (
            <p className={styles.problem} role="alert">
              {problem}
            </p>
          )}
          {online ? null : (
            <p className={styles.problem} role="status">
              The computer does not answer now: this can be decided when it is back.
            </p>
          )}
          <DecisionBar
            approval={approval}
            changed={changed !== null}
            unreadable={unreadable}
            unready={guarded || !online}
            busy={busy}
            onAnswer={(one) => void answer(one)}
          />
        </>
      )}
    </article>
  )
}
