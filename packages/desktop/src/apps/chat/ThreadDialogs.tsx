/** What a conversation's name and end are asked with. */
import type { Thread } from "@choiros/protocol"
import { type FormEvent, useId, useState } from "react"
import { inWords } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { changeThread, deleteThread, scopeOf } from "./requests.ts"

interface ThreadDialogProps {
  readonly thread: Thread
  readonly onClose: () => void
}

const longestTitle = 200

export const RenameThread = ({ onClose, thread }: ThreadDialogProps) => {
  const [title, setTitle] = useState(thread.title)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const form = useId()
  const rename = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (busy) return
    if (title.trim() === "") return setError("A conversation needs a name")
    setBusy(true)
    try {
      await changeThread(scopeOf(thread), { title: title.trim() })
      onClose()
    } catch (failure) {
      setError(inWords(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="s"
      title="Rename the conversation"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" type="submit" form={form} busy={busy}>
            Rename
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={(event) => void rename(event)}>
        <TextField
          label="Name"
          value={title}
          maxLength={longestTitle}
          error={error}
          onChange={(event) => setTitle(event.target.value)}
        />
      </form>
    </Dialog>
  )
}

export const DeleteThread = ({
  onClose,
  onDeleted,
  thread
}: ThreadDialogProps & { readonly onDeleted: () => void }) => {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const remove = async (): Promise<void> => {
    setBusy(true)
    try {
      await deleteThread(scopeOf(thread))
      onDeleted()
      onClose()
    } catch (failure) {
      setError(inWords(failure))
      setBusy(false)
    }
  }
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="s"
      title={`Delete "${plainName(thread.title.trim() === "" ? "Untitled conversation" : thread.title)}"?`}
      description={
        thread.active_run_id === null
          ? "Its messages are no longer shown. What agents changed in the workspace stays."
          : "An agent works in it: it is stopped. Its messages are no longer shown. What agents changed in the workspace stays."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="danger" busy={busy} onClick={() => void remove()}>
            Delete
          </Button>
        </>
      }
    >
      {error === null ? undefined : <p role="alert">{error}</p>}
    </Dialog>
  )
}
