import { useEffect, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { wrongName } from "./paths.ts"

export interface NameQuestion {
  readonly title: string
  readonly verb: string
  readonly name: string
  /** Does it under this name; its failure is said beside the name. */
  readonly run: (name: string) => Promise<void>
}

/** Asks for a name, until it is one that works. */
export const NameDialog = ({
  question,
  onClose
}: {
  readonly question: NameQuestion | null
  readonly onClose: () => void
}) => {
  const [name, setName] = useState("")
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  useEffect(() => {
    setName(question?.name ?? "")
    setError(null)
    setBusy(false)
  }, [question])

  const run = async () => {
    if (question === null || busy) return
    const wrong = wrongName(name)
    if (wrong !== null) return setError(wrong)
    setBusy(true)
    try {
      await question.run(name)
      onClose()
    } catch (cause) {
      const taken = cause instanceof ApiError && cause.status === 409
      setError(taken ? `There is already something called ${plainName(name)}` : inWords(cause))
    } finally {
      setBusy(false)
    }
  }

  return (
    <Dialog
      open={question !== null}
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={question?.title ?? ""}
      size="s"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} onClick={() => void run()}>
            {question?.verb ?? ""}
          </Button>
        </>
      }
    >
      <TextField
        label="Name"
        value={name}
        error={error}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setName(event.target.value)
          setError(null)
        }}
        onFocus={({ target }) => {
          const dot = target.value.lastIndexOf(".")
          target.setSelectionRange(0, dot > 0 ? dot : target.value.length)
        }}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.nativeEvent.isComposing) return
          event.preventDefault()
          void run()
        }}
      />
    </Dialog>
  )
}
