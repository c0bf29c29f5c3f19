import { useStore } from "zustand"
import { awayWords, connectionStore } from "../client/Connection.ts"
import { reconnectNow } from "../state/sync.ts"
import { Button } from "../ui/Button.tsx"
import styles from "./OfflineLine.module.css"

/** While the computer is away: that what is shown is old, why what needs it can't be done, and the way out. */
export const OfflineLine = () => {
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const away = useStore(connectionStore, awayWords)
  if (!offline) return null
  return (
    <p className={styles.line} role="status">
      {away}: this is what was known last, and what needs the computer has to wait.
      <Button size="s" variant="ghost" onClick={reconnectNow}>
        Try now
      </Button>
    </p>
  )
}
