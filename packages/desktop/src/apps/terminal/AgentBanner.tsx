/** Says that an agent works in this terminal, and lets the person take over and hand back. */
import { useState } from "react"
import { useStore } from "zustand"
import { plainName, shortened } from "../../content/plainText.ts"
import { openRun, pauseRun, resumeRun } from "../../shell/runCommands.ts"
import { choirStore } from "../../state/choir.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import styles from "./AgentBanner.module.css"
import { useAgentTask } from "./agentTask.ts"

export const AgentBanner = ({ online, terminal_id }: { readonly online: boolean; readonly terminal_id: string }) => {
  const task = useAgentTask(terminal_id)
  const run_id = task?.run_id ?? null
  const run = useStore(choirStore, ({ choir }) => (run_id === null ? undefined : choir.cards.get(run_id)))
  const [asking, setAsking] = useState(false)
  if (task === null || run === undefined || (run.ended_at !== null && !task.runs)) return null
  const paused = run.phase === "paused"
  const act = async () => {
    setAsking(true)
    await (paused ? resumeRun(run) : pauseRun(run))
    setAsking(false)
  }
  const command = shortened(plainName(task.command), 80)
  return (
    <section className={styles.banner} aria-label="Agent in this terminal" data-runs={task.runs}>
      <AgentMark name={run.agent} />
      <p className={styles.words} role="status">
        <strong>{plainName(run.agent)}</strong>{" "}
        {task.runs ? (
          <>
            runs <code>{command}</code> here
          </>
        ) : (
          phaseWords[run.phase].verb
        )}
        {paused && task.runs && "; after that it is paused"}
        {paused && !task.runs && ": the terminal is yours"}
      </p>
      <Button size="s" variant="ghost" onClick={() => openRun(run.run_id)}>
        Open the run
      </Button>
      {run.ended_at === null && run.phase !== "stopping" && (
        <Button
          size="s"
          variant={paused ? "primary" : "secondary"}
          busy={asking}
          disabled={!online}
          title={online ? undefined : "The computer does not answer"}
          onClick={() => void act()}
        >
          {paused ? "Hand back" : "Take over"}
        </Button>
      )}
    </section>
  )
}
