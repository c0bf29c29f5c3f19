import { Button } from "../ui/Button.tsx"
import styles from "./QuietHint.module.css"
import { silenceIs } from "./silence.ts"

interface QuietHintProps {
  /** Milliseconds that nothing was heard. */
  readonly silence: number
  readonly onNudge: () => void
  readonly onStop: () => void
}

/** Asks what is to be done about a run that was not heard for a while; nothing before. */
export const QuietHint = ({ onNudge, onStop, silence }: QuietHintProps) =>
  silence < silenceIs.quiet ? null : (
    <div className={styles.quiet} role="status">
      <span className={styles.words}>Nothing was heard for a while. It may still be at work.</span>
      <Button size="s" onClick={onNudge}>
        Nudge
      </Button>
      <Button size="s" variant="danger" onClick={onStop}>
        Stop
      </Button>
    </div>
  )
