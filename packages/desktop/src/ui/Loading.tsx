import { classes } from "./classes.ts"
import styles from "./Loading.module.css"

type LoadingProps = {
  /** What is being loaded: "the files of src". */
  readonly label: string
  readonly lines?: number | undefined
  readonly className?: string | undefined
}

const widths = ["62%", "88%", "74%", "41%", "80%", "56%"]

/** Shows itself only after 150 ms, so that what is quick does not flash. */
export const Loading = ({ label, lines = 4, className }: LoadingProps) => (
  <div className={classes(styles.loading, className)} role="status">
    <span className="visually-hidden">Loading {label}</span>
    {Array.from({ length: lines }, (_, line) => `line ${line}`).map((key, line) => (
      <span key={key} className={styles.line} style={{ width: widths[line % widths.length] }} />
    ))}
  </div>
)
