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
  readonly onRetry?: (() => void) | undefined
  /** Other ways out. */
  readonly children?: ReactNode
  readonly className?: string | undefined
}

export const ErrorState = ({ title, cause, onRetry, children, className }: ErrorStateProps) => (
  <div className={classes(styles.view, className)} role="alert">
    <span className={classes(styles.icon, styles.failed)}>
      <CircleX size={24} strokeWidth={1.5} aria-hidden="true" />
    </span>
    <p className={styles.title}>{title}</p>
    {cause !== undefined && <div className={styles.words}>{cause}</div>}
    {(onRetry !== undefined || children !== undefined) && (
      <div className={styles.action}>
        {onRetry !== undefined && <Button onClick={onRetry}>Try again</Button>}
        {children}
      </div>
    )}
  </div>
)
