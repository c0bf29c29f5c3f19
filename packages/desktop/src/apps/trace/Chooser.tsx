import { Waypoints } from "lucide-react"
import { useEffect } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { reconnectNow } from "../../state/sync.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { relativeTime } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { useChoir } from "../choir/useChoir.ts"
import styles from "./Trace.module.css"

interface ChooserProps {
  readonly visible: boolean
  readonly setTitle: (title: string) => void
  readonly onChoose: (run_id: string) => void
}

const most = 100

/** Opened for no run: which one? */
export const Chooser = ({ visible, setTitle, onChoose }: ChooserProps) => {
  const { cards, known } = useChoir(visible)
  const now = useNow(10_000)
  const status = useStore(connectionStore, (connection) => connection.status)
  useEffect(() => setTitle("Trace"), [setTitle])
  if (!known) return status === "offline" ? <OfflineState onRetry={reconnectNow} /> : <Loading label="the runs" />
  const roots = [...cards.values()]
    .filter(({ parent_run_id }) => parent_run_id === null || !cards.has(parent_run_id))
    .sort((a, b) => (a.run_id < b.run_id ? 1 : -1))
    .slice(0, most)
  if (roots.length === 0) {
    return (
      <Empty icon={<Waypoints size={24} strokeWidth={1.5} aria-hidden="true" />} title="There is no run to trace yet">
        Ask for something; its trace can be looked at while it goes on, and after.
      </Empty>
    )
  }
  return (
    <section className={styles.chooser} aria-label="Choose a run">
      <h2>Which run?</h2>
      <ul>
        {roots.map(({ agent, last_at, objective, phase, run_id }) => (
          <li key={run_id}>
            <button type="button" className={styles.choice} onClick={() => onChoose(run_id)}>
              <StateIcon phase={phase} />
              <AgentMark name={agent} size={12} />
              <span className={styles.agent}>{plainName(agent)}</span>
              <span className={styles.objective}>{plainName(objective)}</span>
              <time className={styles.when} dateTime={last_at}>
                {relativeTime(last_at, now)}
              </time>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
