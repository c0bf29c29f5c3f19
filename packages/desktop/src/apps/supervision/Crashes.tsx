/** What crashed lately: when, why, and what became of it. */
import { ChevronRight } from "lucide-react"
import { useState } from "react"
import { visibleText } from "../../content/plainText.ts"
import { Badge } from "../../ui/Badge.tsx"
import { classes } from "../../ui/classes.ts"
import { counted, relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import { ActorName } from "./ActorName.tsx"
import type { Crash } from "./crashes.ts"
import styles from "./Supervision.module.css"

interface CrashesProps {
  readonly crashes: ReadonlyArray<Crash>
  readonly onSelect: (path: string) => void
}

const afterWords = {
  crashed: { label: "Crashed", tone: "warning" },
  restarted: { label: "Restarted", tone: "success" },
  given_up: { label: "Given up", tone: "danger" }
} as const

export const Crashes = ({ crashes, onSelect }: CrashesProps) => {
  const [open, setOpen] = useState(true)
  if (crashes.length === 0) return <p className={styles.calm}>Nothing has crashed.</p>
  return (
    <section className={styles.crashes} aria-label="Recent crashes">
      <h3>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight
            size={14}
            strokeWidth={1.75}
            aria-hidden="true"
            className={classes(styles.chevron, open && styles.open)}
          />
          Recent crashes
          <span className={styles.muted}>{crashes.length}</span>
        </button>
      </h3>
      {open && (
        <ul className={styles.list}>
          {crashes.map((crash) => (
            <CrashLine key={crash.seq} crash={crash} onSelect={onSelect} />
          ))}
        </ul>
      )}
    </section>
  )
}

const CrashLine = ({ crash, onSelect }: { readonly crash: Crash; readonly onSelect: (path: string) => void }) => {
  const { after, at, cause, kind, path, restarts } = crash
  const now = useNow(5_000)
  const { label, tone } = afterWords[after]
  return (
    <li>
      <button type="button" className={styles.crash} onClick={() => onSelect(path)}>
        <Badge tone={tone}>{label}</Badge>
        <span className={styles.who}>
          <ActorName path={path} kind={kind} />
        </span>
        <span className={styles.cause}>
          {cause === null || cause === "" ? "It said no cause" : visibleText(cause)}
          {restarts > 0 ? ` · ${counted(restarts, "restart")} before` : ""}
        </span>
        <time className={styles.muted} dateTime={at} title={at}>
          {relativeTime(at, now)}
        </time>
      </button>
    </li>
  )
}
