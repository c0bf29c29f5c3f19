import { useState } from "react"
import { useStore } from "zustand"
import { inWords } from "../../client/api.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { notify } from "../../state/notices.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { counted } from "../../ui/format.ts"
import styles from "./ChoirApp.module.css"
import { stopAll } from "./verbs.ts"

interface StopAllProps {
  readonly open: number
  readonly offline: boolean
  readonly onClose: () => void
}

export const StopAllDialog = ({ open, offline, onClose }: StopAllProps) => {
  const away = useStore(connectionStore, awayWords)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const stop = async () => {
    setBusy(true)
    try {
      const stopped = await stopAll()
      notify(stopped === 0 ? "Nothing was at work any more" : `${counted(stopped, "run")} stopped`)
      onClose()
    } catch (error) {
      setProblem(inWords(error))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose()
      }}
      title={`Stop ${counted(open, "run")}?`}
      description="Each ends where it is, with every command that it has begun. What was written stays. A run can be tried again from any step."
      size="s"
      footer={
        <>
          <Button onClick={onClose}>Keep them going</Button>
          <Button variant="danger" busy={busy} disabled={offline} onClick={() => void stop()}>
            Stop all
          </Button>
        </>
      }
    >
      {problem !== null || offline ? (
        <p className={styles.problem} role="alert">
          {offline ? `${away}: nothing can be stopped from here now.` : problem}
        </p>
      ) : undefined}
    </Dialog>
  )
}
