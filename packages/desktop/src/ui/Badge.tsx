import type { ComponentProps } from "react"
import styles from "./Badge.module.css"
import { classes } from "./classes.ts"
import type { Tone } from "./tone.ts"

export const Badge = ({
  tone = "neutral",
  className,
  ...rest
}: ComponentProps<"span"> & { readonly tone?: Tone | undefined }) => (
  <span {...rest} className={classes(styles.badge, styles[tone], className)} />
)
