import type { Event } from "@choiros/protocol"
import { CircleAlert } from "lucide-react"
import { memo } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { present } from "../../ui/present.ts"
import styles from "./EventList.module.css"
import { useAgentOf } from "./names.ts"
import { isFailure, summaryOf } from "./summary.ts"
import { logTime, utcTime } from "./times.ts"

interface EventRowProps {
  readonly event: Event
  readonly id: string
  readonly top: number
  readonly height: number
  readonly current: boolean
}

export const EventRow = memo(({ event, id, top, height, current }: EventRowProps) => {
  const { actor_id, event_type, run_id, seq, timestamp } = event
  const failed = isFailure(event)
  const said = summaryOf(event)
  return (
    <div
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={current}
      data-seq={seq}
      className={classes(styles.row, failed && styles.failed)}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span className={styles.seq}>{seq}</span>
      <time className={styles.time} dateTime={timestamp} title={utcTime(timestamp)}>
        {logTime(timestamp, present())}
      </time>
      <span className={styles.type}>
        {failed && <CircleAlert size={12} strokeWidth={2} role="img" aria-label="Failure" />}
        <span className={styles.cut}>{plainName(event_type)}</span>
      </span>
      <Who actor_id={actor_id} run_id={run_id} />
      <span className={styles.said}>{said}</span>
    </div>
  )
})
EventRow.displayName = "EventRow"

const Who = ({ actor_id, run_id }: { readonly actor_id: string; readonly run_id: string | null }) => {
  const agent = useAgentOf(run_id)
  return (
    <span className={styles.who}>
      {agent !== null && <AgentMark name={agent} size={10} />}
      <span className={styles.cut}>{plainName(agent ?? actor_id)}</span>
    </span>
  )
}
