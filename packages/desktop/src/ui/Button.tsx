import type { ComponentProps, ReactNode } from "react"
import styles from "./Button.module.css"
import { classes } from "./classes.ts"
import { Spinner } from "./Spinner.tsx"

export type ButtonVariant = "primary" | "secondary" | "ghost" | "danger"

export type ButtonProps = ComponentProps<"button"> & {
  readonly variant?: ButtonVariant | undefined
  readonly size?: "s" | "m" | undefined
  readonly icon?: ReactNode
  /** Something it started is under way: shown, announced, and it takes no second press. */
  readonly busy?: boolean | undefined
}

export const Button = ({
  variant = "secondary",
  size = "m",
  icon,
  busy = false,
  disabled,
  className,
  children,
  onClick,
  type = "button",
  "aria-disabled": unready,
  ...rest
}: ButtonProps) => (
  <button
    {...rest}
    type={type}
    className={classes(styles.button, styles[variant], size === "s" && styles.small, className)}
    disabled={disabled}
    // Busy keeps the focus, which `disabled` would throw away.
    aria-disabled={busy ? true : unready}
    aria-busy={busy ? true : undefined}
    onClick={busy ? (event) => event.preventDefault() : onClick}
  >
    {busy ? <Spinner /> : icon}
    {children}
  </button>
)
