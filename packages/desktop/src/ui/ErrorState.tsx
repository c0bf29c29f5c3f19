import { CircleX } from "lucide-react"
import type { ReactNode } from "react"
import { Button } from "./Button.tsx"
import { classes } from "./classes.ts"
import styles from "./View.module.css"

type ErrorStateProps = {
  /** What failed, in words. */
  readonly title: string
  /** Why, in words. */
  readonly cause?: ReactNode
  readonly className?: string | undefined
} & WayOut

/** There is always one: to try again, or another. */
type WayOut =
  | { readonly onRetry: () => void; readonly children?: ReactNode }
  | { readonly onRetry?: never; readonly children: ReactNode }

export const ErrorState = ({ title, cause, onRetry, children, className }: ErrorStateProps) => (
  <div className={classes(styles.view, className)} role="alert">
    <span className={classes(styles.icon, styles.failed)}>
      <CircleX size={24} strokeWidth={1.5} aria-hidden="true" />
    </span>
    <p className={styles.title}>{title}</p>
    {cause !== undefined && <div className={styles.words}>{cause}</div>}
    <div className={styles.action}>
      {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
      {children}
    </div>
  </div>
)
