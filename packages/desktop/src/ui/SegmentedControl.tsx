import { type ReactNode, useId } from "react"
import { classes } from "./classes.ts"
import styles from "./SegmentedControl.module.css"

export type Segment<Value extends string = string> = {
  readonly value: Value
  readonly label: string
  readonly icon?: ReactNode
}

type SegmentedControlProps<Value extends string> = {
  /** Names the group for a screen reader. */
  readonly label: string
  readonly options: ReadonlyArray<Segment<Value>>
  readonly value: Value
  readonly onChange: (value: Value) => void
  readonly disabled?: boolean | undefined
  readonly className?: string | undefined
}

/** One of a few, all in sight. Arrow keys move the choice, as in any group of radio buttons. */
export const SegmentedControl = <Value extends string>({
  label,
  options,
  value,
  onChange,
  disabled,
  className
}: SegmentedControlProps<Value>) => {
  const name = useId()
  return (
    <fieldset className={classes(styles.group, className)} aria-label={label} disabled={disabled}>
      {options.map((option) => (
        <label key={option.value} className={styles.segment}>
          <input
            type="radio"
            className={styles.input}
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          <span className={styles.face}>
            {option.icon}
            <span>{option.label}</span>
          </span>
        </label>
      ))}
    </fieldset>
  )
}
