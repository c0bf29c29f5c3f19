import { LoaderCircle } from "lucide-react"
import styles from "./Spinner.module.css"

/** Turns. What it is that takes time, the words beside it say. */
export const Spinner = ({ size = 16 }: { readonly size?: number | undefined }) => (
  <LoaderCircle className={styles.spinner} size={size} strokeWidth={1.75} aria-hidden="true" />
)
