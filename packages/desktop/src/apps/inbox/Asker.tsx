/** Who asks, for what work, and since when. */
import type { Approval, Question } from "@choiros/protocol"
import { useStore } from "zustand"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import styles from "./Asker.module.css"

const longest = 90

export const Asker = ({ agent, root_run_id, run_id, since }: Approval | Question) => {
  const now = useNow(5_000)
  return (
    <div className={styles.asker}>
      <AgentMark name={agent} size={14} />
      <span className={styles.name}>{plainName(agent)}</span>
      <time className={styles.since} dateTime={since} title={new Date(since).toLocaleString()}>
        {relativeTime(since, now)}
      </time>
      <span className={styles.runs}>
        <RunLink run_id={run_id} otherwise="its run" />
        {root_run_id === run_id ? null : (
          <>
            <span className={styles.word}>for</span>
            <RunLink run_id={root_run_id} otherwise="the run that began it" />
          </>
        )}
      </span>
    </div>
  )
}

/** By its objective, where that is known. */
const RunLink = ({ otherwise, run_id }: { readonly run_id: string; readonly otherwise: string }) => {
  const objective = useStore(choirStore, ({ choir }) => choir.cards.get(run_id)?.objective)
  const words = objective === undefined ? otherwise : shortened(plainName(objective), longest)
  return (
    <button
      type="button"
      className={styles.run}
      aria-label={`Open the run: ${words}`}
      onClick={() => openApp("run", { run_id })}
    >
      {words}
    </button>
  )
}
