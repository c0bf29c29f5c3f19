import { type ReactElement, type ReactNode, useEffect, useState } from "react"
import { useStore } from "zustand"
import { classes } from "../../ui/classes.ts"
import { Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { useTooltip } from "../../ui/tooltipLayer.ts"
import { late, PartCrash } from "../late.tsx"
import { overlayStore, type StatusPart, showStatus } from "../overlay.ts"
import styles from "./status.module.css"

const Popover = late(async () => ({ default: (await import("../../ui/Popover.tsx")).Popover }))

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
  const [wasOpened, setOpened] = useState(false)
  const tooltip = useTooltip(label)
  useEffect(() => {
    if (open) setOpened(true)
  }, [open])
  const button = (onClick?: () => void) => (
    <button
      {...tooltip}
      type="button"
      className={classes(styles.entry, tone !== "quiet" && styles[tone])}
      aria-label={label}
      aria-haspopup="dialog"
      {...(onClick === undefined ? {} : { onClick })}
    >
      {/* The name says it all: what is to be seen is its short form. */}
      <span className={styles.face} aria-hidden="true">
        {face}
      </span>
    </button>
  )
  const closed = button(() => showStatus(part))
  if (!wasOpened) return closed
  return (
    <PartCrash attempt={open} fallback={closed} onCrash={() => showStatus(null)}>
      <Waiting fallback={closed}>
        <Popover
          label={title}
          side="top"
          align="end"
          open={open}
          onOpenChange={(next) => showStatus(next ? part : null)}
          trigger={button()}
        >
          <div className={styles.popover}>
            <h3 className={styles.title}>{title}</h3>
            <Waiting fallback={<Loading label={title} lines={3} />}>{open ? children : null}</Waiting>
          </div>
        </Popover>
      </Waiting>
    </PartCrash>
  )
}
