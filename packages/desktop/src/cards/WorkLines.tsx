import type { TimelineTool, TimelineWork } from "@choiros/protocol"
import { AnsiText } from "../content/AnsiText.tsx"
import { Markdown } from "../content/Markdown.tsx"
import { plainName, shortened } from "../content/plainText.ts"
import { AgentMark } from "../ui/AgentMark.tsx"
import { Button } from "../ui/Button.tsx"
import { duration } from "../ui/format.ts"
import { StateIcon } from "../ui/StateIcon.tsx"
import { useNow } from "../ui/useNow.ts"
import type { OpenTarget } from "./targets.ts"
import styles from "./WorkLines.module.css"
import { toldPhases, useWorkPhase } from "./workPhase.ts"

/** Characters of an objective or a command. */
const longest = 300
/** Lines of what it printed. */
const lines = 8

/** Work that a call set going: who does it, how it stands, and what has come of it. */
export const WorkLines = ({
  work,
  onOpen
}: {
  readonly work: TimelineTool["work"]
  readonly onOpen?: OpenTarget | undefined
}) =>
  work.length === 0 ? null : (
    <ul className={styles.list}>
      {work.map((each) => (
        <Work key={each.task_id} work={each} onOpen={onOpen} />
      ))}
    </ul>
  )

const Work = ({ work, onOpen }: { readonly work: TimelineWork; readonly onOpen?: OpenTarget | undefined }) => {
  const agent = work.kind === "agent" ? plainName(work.agent ?? "agent") : null
  const phase = useWorkPhase(work.task_id, toldPhases[work.status])
  return (
    <li className={styles.work}>
      <div className={styles.head}>
        <StateIcon phase={phase} size={14} />
        {agent === null ? null : <AgentMark name={agent} size={14} />}
        <span className={styles.name}>{agent ?? shortened(plainName(work.command ?? "A command"), longest)}</span>
        <span className={styles.time}>
          {work.exit_code === null ? null : <span title="Exit code">exit code {work.exit_code}</span>}{" "}
          {work.status === "running" ? (
            <Elapsed since={work.started_at} />
          ) : work.duration_ms === null ? null : (
            duration(work.duration_ms)
          )}
        </span>
        {agent !== null && onOpen !== undefined ? (
          <Button variant="ghost" size="s" onClick={() => onOpen({ kind: "run", run_id: work.task_id })}>
            Open run
          </Button>
        ) : null}
      </div>
      {agent !== null && work.objective !== null ? (
        <p className={styles.objective}>{shortened(plainName(work.objective), longest)}</p>
      ) : null}
      {work.error === null ? null : <p className={styles.error}>{plainName(work.error)}</p>}
      {work.output === "" ? null : agent === null ? (
        <AnsiText text={work.output} maxLines={lines} />
      ) : (
        <div className={styles.answer}>
          <Markdown text={work.output} />
        </div>
      )}
    </li>
  )
}

const Elapsed = ({ since }: { readonly since: string }) => {
  const now = useNow(1000)
  return duration(Math.max(0, now - Date.parse(since)))
}
