import styles from "./Diff.module.css"

/** `+12 −3`. */
export const DiffCounts = ({ added, removed }: { readonly added: number; readonly removed: number }) => (
  <span className={styles.counts}>
    <span className={styles.plus} aria-label={`${added} lines added`} role="img">
      +{added}
    </span>{" "}
    <span className={styles.minus} aria-label={`${removed} lines removed`} role="img">
      −{removed}
    </span>
  </span>
)
