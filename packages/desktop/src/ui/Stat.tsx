import type { ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./Stat.module.css"

type StatProps = {
  readonly label: string
  readonly value: ReactNode
  readonly hint?: ReactNode
  readonly className?: string | undefined
}

export const Stat = ({ label, value, hint, className }: StatProps) => (
  <dl className={classes(styles.stat, className)}>
    <dt className={styles.label}>{label}</dt>
    <dd className={styles.value}>{value}</dd>
    {hint !== undefined && <dd className={styles.label}>{hint}</dd>}
  </dl>
)
