import { Check } from "lucide-react"
import type { ComponentProps, ReactNode } from "react"
import styles from "./Checkbox.module.css"
import { classes } from "./classes.ts"

type CheckboxProps = Omit<ComponentProps<"input">, "type" | "checked" | "onChange"> & {
  readonly label: ReactNode
  readonly hideLabel?: boolean | undefined
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
}

export const Checkbox = ({ label, hideLabel = false, checked, onChange, className, ...input }: CheckboxProps) => (
  <label className={classes(styles.row, className)}>
    <input
      {...input}
      type="checkbox"
      className={styles.input}
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
    />
    <span className={styles.box} aria-hidden="true">
      <Check size={12} strokeWidth={2.5} />
    </span>
    <span className={hideLabel ? "visually-hidden" : undefined}>{label}</span>
  </label>
)
