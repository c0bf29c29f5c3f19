import { Unplug } from "lucide-react"
import { Button } from "./Button.tsx"
import styles from "./View.module.css"

type OfflineStateProps = {
  readonly onRetry?: (() => void) | undefined
  readonly retryInSeconds?: number | undefined
}

/** The server is not there, so this view has nothing to show. */
export const OfflineState = ({ onRetry, retryInSeconds }: OfflineStateProps) => (
  <div className={styles.view} role="status">
    <span className={styles.icon}>
      <Unplug size={24} strokeWidth={1.5} aria-hidden="true" />
    </span>
    <p className={styles.title}>The computer does not answer</p>
    <div className={styles.words}>
      What runs there goes on without this page. This view fills in as soon as the connection is back.
    </div>
    {/* The countdown is for the eye; read aloud each second it would drown all else. */}
    {retryInSeconds !== undefined && (
      <div className={styles.words} aria-hidden="true">
        {retryInSeconds <= 0 ? "Trying again" : `Next try in ${Math.ceil(retryInSeconds)} s`}
      </div>
    )}
    {onRetry !== undefined && (
      <div className={styles.action}>
        <Button onClick={onRetry}>Try now</Button>
      </div>
    )}
  </div>
)
