import { type ReactElement, type ReactNode, Suspense } from "react"
import { useStore } from "zustand"
import { classes } from "../../ui/classes.ts"
import { Loading } from "../../ui/Loading.tsx"
import { Popover } from "../../ui/Popover.tsx"
import { overlayStore, type StatusPart, showStatus } from "../overlay.ts"
import styles from "./status.module.css"

interface StatusEntryProps {
  readonly part: StatusPart
  /** All that the entry says, for who does not see it. */
  readonly label: string
  readonly title: string
  readonly face: ReactNode
  readonly tone?: "quiet" | "warning" | "danger" | undefined
  readonly children: ReactElement
}

/** A part of the status cluster: a few signs, and a list that opens over them. */
export const StatusEntry = ({ children, face, label, part, title, tone = "quiet" }: StatusEntryProps) => {
  const open = useStore(overlayStore, ({ status }) => status === part)
  return (
    <Popover
      label={title}
      side="top"
      align="end"
      open={open}
      onOpenChange={(next) => showStatus(next ? part : null)}
      trigger={
        <button
          type="button"
          className={classes(styles.entry, tone !== "quiet" && styles[tone])}
          aria-label={label}
          data-tip={label}
        >
          {face}
        </button>
      }
    >
      <div className={styles.popover}>
        <h3 className={styles.title}>{title}</h3>
        <Suspense fallback={<Loading label={title} lines={3} />}>{open ? children : null}</Suspense>
      </div>
    </Popover>
  )
}
