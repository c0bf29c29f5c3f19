/** How a call differs from the one that was asked for: what has changed meanwhile, and what the person's own would do. */
import { type Approval, RuleTryReply } from "@choiros/protocol"
import { useEffect, useState } from "react"
import { inWords, post } from "../../client/api.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { TierBadge } from "../../ui/TierBadge.tsx"
import styles from "./ChangedCall.module.css"
import { changedFields } from "./callArguments.ts"

interface ChangedCallProps {
  readonly before: Approval
  readonly after: Approval
  readonly words: string
}

/** It is asked again: what is other than when the answer was given. */
export const ChangedCall = ({ after, before, words }: ChangedCallProps) => (
  <div className={styles.changed} role="alert">
    <p>{words}. Nothing was decided.</p>
    <dl>
      {changedFields(before.tool_args, after.tool_args).map((field) => (
        <div key={field.name} className={styles.field}>
          <dt>{plainName(field.name)}</dt>
          {field.before === null ? null : (
            <dd>
              was <del>{visibleText(field.before)}</del>
            </dd>
          )}
          <dd>{field.after === null ? "is gone" : <>is now {visibleText(field.after)}</>}</dd>
        </div>
      ))}
    </dl>
  </div>
)

/** Milliseconds without a key after which the changed call is looked at. */
const settled = 300

/** What the changed call would do, as the computer sees it. */
export const ChangedPreview = ({
  approval,
  tool_args
}: {
  readonly approval: Approval
  readonly tool_args: string
}) => {
  const { agent, tool_name } = approval
  const [seen, setSeen] = useState<RuleTryReply | string | null>(null)
  useEffect(() => {
    let left = false
    const timer = setTimeout(() => {
      post("/rules/try", { tool_name, tool_args, agent }, RuleTryReply).then(
        (reply) => left || setSeen(reply),
        (error: unknown) => left || setSeen(inWords(error))
      )
    }, settled)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [agent, tool_name, tool_args])
  if (seen === null) return null
  if (typeof seen === "string")
    return <p className={styles.preview}>What you have changed could not be looked at: {seen}</p>
  return (
    <div className={styles.preview} role="status">
      <p>
        As you changed it: {visibleText(seen.intent)}
        {seen.verdict === "refuse" ? `. It would be refused: ${visibleText(seen.because)}` : ""}
      </p>
      <span className={styles.tiers}>
        {seen.tiers.map((tier) => (
          <TierBadge key={tier} tier={tier} />
        ))}
      </span>
    </div>
  )
}
