import { Pause, Play, Square } from "lucide-react"
import { useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import type { RunRef } from "../../prompt/context.ts"
import { short } from "../../prompt/describe.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { showStatus } from "../overlay.ts"
import { openRun, pauseRun, resumeRun, stopRun } from "../runCommands.ts"
import { runsNowStore } from "../runsNow.ts"
import styles from "./status.module.css"

const RunsList = () => {
  const open = useStore(runsNowStore, (store) => store.open)
  const isOffline = useStore(connectionStore, ({ status }) => status === "offline")
  /** Runs whose answer is under way: a second press would be of what the first has not made yet. */
  const [told, setTold] = useState<ReadonlySet<string>>(new Set())
  const tell = async (run: RunRef, verb: (run: RunRef) => Promise<boolean>): Promise<void> => {
    if (told.has(run.run_id)) return
    setTold((now) => new Set([...now, run.run_id]))
    await verb(run)
    setTold((now) => new Set([...now].filter((run_id) => run_id !== run.run_id)))
  }
  const show = (run_id: string) => {
    showStatus(null)
    openRun(run_id)
  }
  return (
    <>
      {open.length === 0 ? (
        <p className={styles.note}>No run is at work. What you ask for in the prompt begins one.</p>
      ) : (
        <ul className={styles.list}>
          {open.toReversed().map((run) => {
            const name = plainName(short(run.objective))
            return (
              <li key={run.run_id} className={styles.row}>
                <button type="button" className={styles.rowFace} onClick={() => show(run.run_id)}>
                  <StateIcon phase={run.phase} decorative />
                  <span className={styles.words}>
                    <span className={styles.name}>{name}</span>
                    <span className={styles.more}>
                      {run.agent} {phaseWords[run.phase].verb}
                    </span>
                  </span>
                </button>
                {run.phase === "paused" ? (
                  <IconButton
                    size="s"
                    label={`Resume ${name}`}
                    icon={<Play size={14} />}
                    disabled={isOffline}
                    aria-disabled={told.has(run.run_id) || undefined}
                    onClick={() => void tell(run, resumeRun)}
                  />
                ) : (
                  <IconButton
                    size="s"
                    label={`Pause ${name}`}
                    icon={<Pause size={14} />}
                    disabled={isOffline || run.phase === "stopping"}
                    aria-disabled={told.has(run.run_id) || undefined}
                    onClick={() => void tell(run, pauseRun)}
                  />
                )}
                <IconButton
                  size="s"
                  label={`Stop ${name}`}
                  icon={<Square size={14} />}
                  disabled={isOffline || run.phase === "stopping"}
                  onClick={() => void stopRun(run)}
                />
              </li>
            )
          })}
        </ul>
      )}
      <div className={styles.actions}>
        <Button
          size="s"
          onClick={() => {
            showStatus(null)
            openApp("choir")
          }}
        >
          Open Choir
        </Button>
      </div>
    </>
  )
}

export default RunsList
