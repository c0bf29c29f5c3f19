import { useEffect, useRef, useState } from "react"
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

interface NameDialogProps {
  readonly question: NameQuestion | null
  readonly onClose: () => void
}

/** Asks for a name, until it is one that works. */
export const NameDialog = ({ onClose, question }: NameDialogProps) =>
  question === null ? null : <Asking key={question.title} question={question} onClose={onClose} />

const Asking = ({ onClose, question }: NameDialogProps & { readonly question: NameQuestion }) => {
  const [name, setName] = useState(question.name)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  // The ending of a file mostly stays.
  useEffect(() => {
    const dot = question.name.lastIndexOf(".")
    field.current?.focus()
    field.current?.setSelectionRange(0, dot > 0 ? dot : question.name.length)
  }, [question])

  const run = async () => {
    if (busy) return
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
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={question.title}
      size="s"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} onClick={() => void run()}>
            {question.verb}
          </Button>
        </>
      }
    >
      <TextField
        ref={field}
        label="Name"
        value={name}
        error={error}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setName(event.target.value)
          setError(null)
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
