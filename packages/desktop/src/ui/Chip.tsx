import { X } from "lucide-react"
import type { ReactNode } from "react"
import styles from "./Chip.module.css"
import { classes } from "./classes.ts"
import type { Tone } from "./tone.ts"

type ChipProps = {
  readonly label: string
  readonly icon?: ReactNode
  readonly tone?: Tone | undefined
  /** Present: the chip has a button that takes it away. */
  readonly onRemove?: (() => void) | undefined
  readonly className?: string | undefined
}

export const Chip = ({ label, icon, tone = "neutral", onRemove, className }: ChipProps) => (
  <span className={classes(styles.chip, styles[tone], className)}>
    {icon}
    <span className={styles.label}>{label}</span>
    {onRemove !== undefined && (
      <button type="button" className={styles.remove} aria-label={`Remove ${label}`} onClick={onRemove}>
        <X size={12} strokeWidth={2} aria-hidden="true" />
      </button>
    )}
  </span>
)
