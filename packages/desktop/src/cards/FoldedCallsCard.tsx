import { ChevronRight, Eye } from "lucide-react"
import { memo, useState } from "react"
import { classes } from "../ui/classes.ts"
import { duration } from "../ui/format.ts"
import type { FoldedCalls } from "./foldedCalls.ts"
import styles from "./ToolCard.module.css"
import { ToolCard, type ToolCardProps } from "./ToolCard.tsx"

/** Calls that only looked at something, as one line; each of them when it is opened. */
export const FoldedCallsCard = memo(
  ({
    group,
    live,
    onOpen
  }: Omit<ToolCardProps, "tool" | "dense"> & { readonly group: Extract<FoldedCalls, { kind: "group" }> }) => {
    const [isOpen, setOpen] = useState(false)
    return (
      <div className={classes(styles.card, styles.dense, isOpen && styles.open)}>
        <button type="button" className={styles.head} aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          <ChevronRight
            className={classes(styles.chevron, isOpen && styles.turned)}
            size={14}
            strokeWidth={1.75}
            aria-hidden="true"
          />
          <Eye className={styles.kind} size={14} strokeWidth={1.75} aria-hidden="true" />
          <span className={styles.words}>
            {group.words}
            {group.duration_ms === null ? "" : `, ${duration(group.duration_ms)}`}
          </span>
        </button>
        {isOpen ? (
          <div className={styles.inside}>
            {group.tools.map((tool) => (
              <ToolCard key={tool.asked.call_id} tool={tool} live={live} dense onOpen={onOpen} />
            ))}
          </div>
        ) : null}
      </div>
    )
  }
)
FoldedCallsCard.displayName = "FoldedCallsCard"
