import { ListChecks } from "lucide-react"
import { memo } from "react"
import { useStore } from "zustand"
import { toldPhases, useWorkPhase } from "../../cards/workPhase.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { duration } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { useActs } from "./conversationContext.ts"
import type { HandedOut } from "./handedOut.ts"
import styles from "./RowView.module.css"

const longest = 140

/** Another agent's part of the work, and what it does right now. */
export const TaskLine = memo(({ task }: { readonly task: HandedOut }) => {
  const { openRun } = useActs()
  const doing = useStore(choirStore, ({ choir }) => choir.cards.get(task.task_id)?.doing ?? null)
  const phase = useWorkPhase(task.task_id, toldPhases[task.status])
  const asked = shortened(plainName(task.objective.split("\n")[0] ?? ""), longest)
  return (
    <div className={styles.task}>
      <StateIcon phase={phase} size={14} />
      <AgentMark name={task.agent} size={14} />
      <span className={styles.agent}>{plainName(task.agent)}</span>
      <span className={styles.asked} title={asked}>
        {task.status === "running" && doing !== null
          ? doing.object === ""
            ? doing.verb
            : `${doing.verb} ${shortened(plainName(doing.object), longest)}`
          : asked}
      </span>
      <span className={styles.figure}>
        {task.ended_at === null ? (
          <Elapsed since={task.started_at} />
        ) : (
          duration(Date.parse(task.ended_at) - Date.parse(task.started_at))
        )}
      </span>
      <IconButton
        size="s"
        label={`Open the run of ${plainName(task.agent)}`}
        icon={<ListChecks size={14} strokeWidth={1.75} />}
        onClick={() => openRun(task.task_id)}
      />
      {task.error === null ? null : <p className={styles.error}>{shortened(plainName(task.error), 300)}</p>}
    </div>
  )
})
TaskLine.displayName = "TaskLine"

const Elapsed = ({ since }: { readonly since: string }) => {
  const now = useNow(1000)
  return duration(Math.max(0, now - Date.parse(since)))
}
