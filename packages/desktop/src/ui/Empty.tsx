import type { ReactNode } from "react"
import { classes } from "./classes.ts"
import styles from "./View.module.css"

type EmptyProps = {
  readonly icon?: ReactNode
  readonly title: string
  /** Why nothing is here, and how something comes to be. */
  readonly children?: ReactNode
  readonly action?: ReactNode
  readonly className?: string | undefined
}

export const Empty = ({ icon, title, children, action, className }: EmptyProps) => (
  <div className={classes(styles.view, className)}>
    {icon !== undefined && <span className={styles.icon}>{icon}</span>}
    <p className={styles.title}>{title}</p>
    {children !== undefined && <div className={styles.words}>{children}</div>}
    {action !== undefined && <div className={styles.action}>{action}</div>}
  </div>
)
