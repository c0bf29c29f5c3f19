import { ChevronDown } from "lucide-react"
import type { ComponentProps } from "react"
import { classes } from "./classes.ts"
import field from "./Field.module.css"
import { Field, type FieldProps } from "./Field.tsx"
import styles from "./SelectField.module.css"

export type SelectOption<Value extends string = string> = {
  readonly value: Value
  readonly label: string
  readonly disabled?: boolean | undefined
}

type SelectFieldProps<Value extends string> = FieldProps &
  Omit<ComponentProps<"select">, "value" | "onChange" | "children"> & {
    readonly options: ReadonlyArray<SelectOption<Value>>
    /** A value that is no option shows as nothing chosen. */
    readonly value: Value
    readonly onChange: (value: Value) => void
  }

export const SelectField = <Value extends string>({
  label,
  hideLabel,
  hint,
  error,
  id,
  className,
  options,
  value,
  onChange,
  ...select
}: SelectFieldProps<Value>) => (
  <Field label={label} hideLabel={hideLabel} hint={hint} error={error} id={id} className={className}>
    {(control) => (
      <span className={styles.frame}>
        <select
          {...select}
          {...control}
          className={classes(field.control, styles.select)}
          value={value}
          onChange={(event) => {
            const chosen = options.find((option) => option.value === event.target.value)
            if (chosen !== undefined) onChange(chosen.value)
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value} disabled={option.disabled}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronDown className={styles.arrow} size={14} strokeWidth={1.75} aria-hidden="true" />
      </span>
    )}
  </Field>
)
