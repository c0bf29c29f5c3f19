import { CircleX, Unplug } from "lucide-react"
import { useStore } from "zustand"
import { awayWords, connectionStore } from "../client/Connection.ts"
import { Button } from "./Button.tsx"
import { classes } from "./classes.ts"
import { useNow } from "./useNow.ts"
import styles from "./View.module.css"

/** The computer is not there, or does not say what is needed, so this view has nothing to show. */
export const OfflineState = ({ onRetry }: { readonly onRetry: () => void }) => {
  const connection = useStore(connectionStore)
  const { problem, retryAt } = connection
  const Icon = problem === null ? Unplug : CircleX
  return (
    <div className={styles.view} role="status">
      <span className={classes(styles.icon, problem !== null && styles.failed)}>
        <Icon size={24} strokeWidth={1.5} aria-hidden="true" />
      </span>
      <p className={styles.title}>{awayWords(connection)}</p>
      {problem === null ? null : <div className={styles.words}>{problem}.</div>}
      <div className={styles.words}>
        What runs there does not need this page. This view fills in as soon as{" "}
        {problem === null ? "it answers" : "it can"}.
      </div>
      <NextTry at={retryAt} />
      <div className={styles.action}>
        <Button onClick={onRetry}>Try now</Button>
        {problem === null ? null : <Button onClick={() => location.reload()}>Reload the page</Button>}
      </div>
    </div>
  )
}

/** For the eye: read aloud each second it would drown all else. It has its line always, so that no button moves. */
const NextTry = ({ at }: { readonly at: number | null }) => {
  const now = useNow(500)
  const left = at === null ? 0 : Math.ceil((at - now) / 1_000)
  return (
    <div className={styles.words} aria-hidden="true">
      {left <= 0 ? "Trying again" : `Next try in ${left} s`}
    </div>
  )
}
