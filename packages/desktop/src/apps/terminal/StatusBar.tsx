/** Where the terminal stands when it is not simply live, in words with a way out. */
import { RotateCw } from "lucide-react"
import { useStore } from "zustand"
import { Button } from "../../ui/Button.tsx"
import { useNow } from "../../ui/useNow.ts"
import styles from "./StatusBar.module.css"
import type { TerminalScreen } from "./TerminalScreen.ts"
import type { TerminalStatus } from "./TerminalSession.ts"

export const StatusBar = ({ screen, onClose }: { readonly screen: TerminalScreen; readonly onClose: () => void }) => {
  const status = useStore(screen.session.status)
  const { letterboxed, size } = useStore(screen.state)
  const again = () => {
    screen.session.again()
    screen.focus()
  }
  if (status.phase === "live") {
    return letterboxed && size !== null ? (
      <div className={styles.bar} data-phase="live" role="status">
        <p className={styles.words}>
          {size.cols} × {size.rows}, as the view that was used last has it
        </p>
        <Button size="s" onClick={() => screen.focus()}>
          Fit it here
        </Button>
      </div>
    ) : null
  }
  return (
    <div className={styles.bar} data-phase={status.phase} role="status">
      <p className={styles.words}>
        {words(status)}
        {status.phase === "offline" && <Countdown until={status.retryAt} />}
      </p>
      {status.phase !== "connecting" && (
        <Button size="s" icon={<RotateCw size={14} strokeWidth={1.75} aria-hidden="true" />} onClick={again}>
          {status.phase === "exited" ? "Start again" : "Try now"}
        </Button>
      )}
      {status.phase === "exited" && (
        <Button size="s" variant="ghost" onClick={onClose}>
          Close the tab
        </Button>
      )}
    </div>
  )
}

const words = (status: Exclude<TerminalStatus, { readonly phase: "live" }>): string => {
  switch (status.phase) {
    case "connecting":
      return "Connecting to the terminal"
    case "exited":
      if (status.signal !== null) return `The shell was ended by ${status.signal}`
      return status.exit_code === null ? "The shell has ended" : `The shell has ended with ${status.exit_code}`
    case "offline":
      return "The terminal does not answer; what runs in it does not need this page. "
    case "refused":
      return `The terminal can't be opened: ${status.message}`
  }
}

const Countdown = ({ until }: { readonly until: number }) => {
  const left = Math.max(0, Math.ceil((until - useNow()) / 1000))
  // For the eye: read aloud each second it would drown all else.
  return <span aria-hidden="true">{left === 0 ? "Trying again" : `Next try in ${left} s`}</span>
}
