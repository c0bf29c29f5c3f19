import { classes } from "./classes.ts"
import styles from "./Loading.module.css"

type LoadingProps = {
  /** What is being loaded: "the files of src". */
  readonly label: string
  readonly lines?: number | undefined
  readonly className?: string | undefined
}

const widths = ["62%", "88%", "74%", "41%", "80%", "56%"]

/** From so many lines on there is room for the words, too. */
const room = 3

/** Shows itself only after 150 ms, so that what is quick does not flash; its words after 3 s, as a person begins to wonder. */
export const Loading = ({ label, lines = 4, className }: LoadingProps) => (
  <div className={classes(styles.loading, className)} role="status">
    {Array.from({ length: lines }, (_, line) => `line ${line}`).map((key, line) => (
      <span key={key} className={styles.line} style={{ width: widths[line % widths.length] }} />
    ))}
    <span className={lines < room ? "visually-hidden" : styles.words}>Loading {label}</span>
  </div>
)
