/** What stands around every control that takes a value: its label above, hint and error below. */
import { type ReactNode, useId } from "react"
import { classes } from "./classes.ts"
import styles from "./Field.module.css"

export type FieldProps = {
  readonly label: string
  /** Keeps the label for a screen reader alone. */
  readonly hideLabel?: boolean | undefined
  readonly hint?: ReactNode
  readonly error?: ReactNode
}

type Control = {
  readonly id: string
  readonly "aria-describedby": string | undefined
  readonly "aria-invalid": true | undefined
}

const isThere = (node: ReactNode) => node !== undefined && node !== null && node !== false && node !== ""

export const Field = ({
  label,
  hideLabel = false,
  hint,
  error,
  id,
  className,
  children
}: FieldProps & {
  readonly id?: string | undefined
  readonly className?: string | undefined
  readonly children: (control: Control) => ReactNode
}) => {
  const own = useId()
  const controlId = id ?? own
  const failed = isThere(error)
  const described = failed || isThere(hint)
  return (
    <div className={classes(styles.field, className)}>
      <label htmlFor={controlId} className={hideLabel ? "visually-hidden" : styles.label}>
        {label}
      </label>
      {children({
        id: controlId,
        "aria-describedby": described ? `${controlId}-note` : undefined,
        "aria-invalid": failed ? true : undefined
      })}
      {described && (
        <p id={`${controlId}-note`} className={failed ? styles.error : styles.hint} role={failed ? "alert" : undefined}>
          {failed ? error : hint}
        </p>
      )}
    </div>
  )
}
