import { useEffect, useRef, useState } from "react"
import { useMessageIds } from "../../state/messageId.ts"
import { useStillSays } from "../../state/stillSays.ts"
import { Button } from "../../ui/Button.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { steerRun } from "./runCommands.ts"
import styles from "./SteerLine.module.css"

/** A line for the run: its model is shown it at the next step. What was not taken, or was typed since, stays in the field. */
export const SteerLine = ({ run_id, onDone }: { readonly run_id: string; readonly onDone: () => void }) => {
  const [text, setText] = useState("")
  const [busy, setBusy] = useState(false)
  const idOf = useMessageIds()
  const stillSays = useStillSays(text)
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => form.current?.querySelector("input")?.focus(), [])
  const isBlank = text.trim() === ""
  return (
    <form
      ref={form}
      className={styles.line}
      onSubmit={async (event) => {
        event.preventDefault()
        if (isBlank || busy) return
        setBusy(true)
        const taken = await steerRun(run_id, text, idOf(text))
        setBusy(false)
        if (taken && stillSays(text)) onDone()
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return
        event.stopPropagation()
        onDone()
      }}
    >
      <TextField
        className={styles.field}
        label="Tell the run"
        hideLabel
        placeholder="Tell the run what to do otherwise; it is shown this at its next step"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" variant="primary" busy={busy} disabled={isBlank}>
        Steer
      </Button>
      <Button variant="ghost" onClick={onDone}>
        Cancel
      </Button>
    </form>
  )
}
