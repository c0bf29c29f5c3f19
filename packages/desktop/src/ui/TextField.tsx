import type { ComponentProps } from "react"
import styles from "./Field.module.css"
import { Field, type FieldProps } from "./Field.tsx"

/** `className` is for the whole field, all else for the input. */
export const TextField = ({
  label,
  hideLabel,
  hint,
  error,
  id,
  className,
  ...input
}: FieldProps & ComponentProps<"input">) => (
  <Field label={label} hideLabel={hideLabel} hint={hint} error={error} id={id} className={className}>
    {(control) => <input {...input} {...control} className={styles.control} />}
  </Field>
)
