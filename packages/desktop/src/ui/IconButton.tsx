import type { ComponentProps, ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./IconButton.module.css"
import { useTooltip } from "./tooltipLayer.ts"

export type IconButtonProps = Omit<ComponentProps<"button">, "children" | "aria-label"> & {
  /** Says what it does, to a screen reader and as a tooltip. */
  readonly label: string
  readonly icon: ReactNode
  /** The keys that do the same, as "Mod+K". */
  readonly keys?: string | undefined
  readonly variant?: "ghost" | "secondary" | "primary" | "danger" | undefined
  readonly size?: "s" | "m" | undefined
  /** For a button that is on or off. */
  readonly pressed?: boolean | undefined
}

export const IconButton = ({
  label,
  icon,
  keys,
  variant = "ghost",
  size = "m",
  pressed,
  className,
  type = "button",
  ...rest
}: IconButtonProps) => {
  const tooltip = useTooltip(label, keys)
  return (
    <button
      {...tooltip}
      {...rest}
      type={type}
      aria-label={label}
      aria-pressed={pressed}
      className={classes(styles.button, styles[variant], size === "s" && styles.small, className)}
    >
      {icon}
    </button>
  )
}
