import { ArrowRight } from "lucide-react"
import type { Described } from "../../prompt/describe.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import styles from "./PromptBar.module.css"

interface ReadingChipProps {
  readonly described: Described
  readonly uploading: number
  readonly agents: ReadonlyArray<string>
}

/** What Enter will do, and whom it goes to. */
export const ReadingChip = ({ agents, described: { label, target, unclear }, uploading }: ReadingChipProps) => (
  <div className={styles.reading} role="status" aria-label="What Enter does">
    {uploading > 0 && (
      <span className={styles.chip}>{uploading === 1 ? "Uploading a file" : `Uploading ${uploading} files`}</span>
    )}
    {label !== "" && <span className={classes(styles.chip, unclear && styles.unclear)}>{label}</span>}
    {target !== null && (
      <span className={classes(styles.chip, styles.target)}>
        <ArrowRight size={12} strokeWidth={1.75} aria-hidden="true" />
        <span className="visually-hidden">to</span>
        {agents.includes(target) && <AgentMark name={target} size={12} />}
        {target}
      </span>
    )}
  </div>
)
