import { classes } from "./classes.ts"
import styles from "./Progress.module.css"

type ProgressProps = {
  /** Absent: it goes on, nobody knows how far. */
  readonly value?: number | undefined
  readonly max: number
  readonly label: string
  readonly tone?: "accent" | "warning" | "danger" | "success" | undefined
  readonly className?: string | undefined
}

export const Progress = ({ value, max, label, tone = "accent", className }: ProgressProps) => {
  const part = value === undefined || max <= 0 ? undefined : Math.min(1, Math.max(0, value / max))
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value === undefined ? undefined : Math.min(max, Math.max(0, value))}
      className={classes(styles.track, styles[tone], className)}
    >
      <div
        className={classes(styles.bar, part === undefined && styles.unknown)}
        style={part === undefined ? undefined : { transform: `scaleX(${part})` }}
      />
    </div>
  )
}
