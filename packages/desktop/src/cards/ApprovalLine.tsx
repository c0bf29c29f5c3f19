import type { TimelineTool } from "@choiros/protocol"
import { plainName } from "../content/plainText.ts"
import { Button } from "../ui/Button.tsx"
import { TierBadge } from "../ui/TierBadge.tsx"
import styles from "./ToolBody.module.css"
import type { OpenTarget } from "./targets.ts"
import type { CallState } from "./toolCalls.ts"

type Decided = NonNullable<TimelineTool["decided"]>

const decisions: Readonly<Record<Decided["decision"], string>> = {
  once: "Allowed once",
  run: "Allowed for this run",
  always: "Always allowed",
  deny: "Denied",
  withdrawn: "Withdrawn before anyone decided"
}

/** Who was asked whether it may be done, and what they said. Nothing where nobody was asked. */
export const ApprovalLine = ({
  tool: { approval, decided },
  state,
  onOpen
}: {
  readonly tool: TimelineTool
  readonly state: CallState
  readonly onOpen?: OpenTarget | undefined
}) => {
  if (approval === null) return null
  if (decided === null) {
    return (
      <div className={styles.approval}>
        <p className={styles.plain}>{plainName(approval.intent)}</p>
        <span className={styles.tiers}>
          {approval.tiers.map((tier) => (
            <TierBadge key={tier} tier={tier} />
          ))}
        </span>
        {state === "waiting" && onOpen !== undefined ? (
          <Button
            variant="primary"
            size="s"
            onClick={() => onOpen({ kind: "approval", approval_id: approval.approval_id })}
          >
            Decide
          </Button>
        ) : null}
      </div>
    )
  }
  const who =
    decided.by === "rule"
      ? " by a rule"
      : decided.by === "user" || decided.by === "me"
        ? " by you"
        : ` by ${plainName(decided.by)}`
  return (
    <div className={styles.decided}>
      <p className={styles.plain}>
        {decisions[decided.decision]}
        {decided.decision === "withdrawn" ? "" : who}
        {decided.pattern === null ? null : (
          <>
            {": "}
            <code>{plainName(decided.pattern)}</code>
          </>
        )}
        {decided.tool_args === null ? "" : ", with other arguments than the model asked for"}
      </p>
      {decided.note === null || decided.note.trim() === "" ? null : (
        <blockquote className={styles.note}>{plainName(decided.note)}</blockquote>
      )}
    </div>
  )
}
