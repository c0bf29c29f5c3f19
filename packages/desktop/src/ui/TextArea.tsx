import type { ComponentProps } from "react"
import { classes } from "./classes.ts"
import field from "./Field.module.css"
import { Field, type FieldProps } from "./Field.tsx"
import styles from "./TextArea.module.css"

/** Grows with its text, up to a third of the screen. `className` is for the whole field, all else for the textarea. */
export const TextArea = ({
  label,
  hideLabel,
  hint,
  error,
  id,
  className,
  rows = 3,
  ...textarea
}: FieldProps & ComponentProps<"textarea">) => (
  <Field label={label} hideLabel={hideLabel} hint={hint} error={error} id={id} className={className}>
    {(control) => <textarea rows={rows} {...textarea} {...control} className={classes(field.control, styles.area)} />}
  </Field>
)
