import styles from "./Kbd.module.css"
import { keyNames } from "./keyNames.ts"

export const Kbd = ({ keys }: { readonly keys: string }) => (
  <span className={styles.keys}>
    {keyNames(keys).map((name) => (
      <kbd key={name} className={styles.key}>
        {name}
      </kbd>
    ))}
  </span>
)
