import type { ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./Switch.module.css"

type SwitchProps = {
  readonly label: ReactNode
  readonly hint?: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly disabled?: boolean | undefined
  readonly className?: string | undefined
}

/** A setting that takes effect at once. */
export const Switch = ({ label, hint, checked, onChange, disabled, className }: SwitchProps) => (
  <label className={classes(styles.row, className)}>
    <span className={styles.words}>
      {label}
      {hint !== undefined && <span className={styles.hint}>{hint}</span>}
    </span>
    <input
      type="checkbox"
      role="switch"
      className={styles.input}
      checked={checked}
      aria-checked={checked}
      disabled={disabled}
      onChange={(event) => onChange(event.target.checked)}
    />
    <span className={styles.track} aria-hidden="true">
      <span className={styles.knob} />
    </span>
  </label>
)
