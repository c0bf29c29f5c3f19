/** Something said to one run, or to all that are open. The words stay until they were taken, and so do those typed since. */
import type { ChoirCard } from "@choiros/protocol"
import { useState } from "react"
import { useStore } from "zustand"
import { inWords } from "../../client/api.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { useMessageIds } from "../../state/messageId.ts"
import { notify } from "../../state/notices.ts"
import { useStillSays } from "../../state/stillSays.ts"
import { Button } from "../../ui/Button.tsx"
import { Dialog } from "../../ui/Dialog.tsx"
import { counted } from "../../ui/format.ts"
import { TextArea } from "../../ui/TextArea.tsx"
import { broadcast, type Said, whisper } from "./verbs.ts"

interface SayProps {
  readonly title: string
  readonly description: string
  readonly verb: string
  readonly offline: boolean
  /** What is wrong, in words; null when it was taken. */
  readonly say: (said: Said) => Promise<string | null>
  readonly onClose: () => void
}

const Say = ({ title, description, verb, offline, say, onClose }: SayProps) => {
  const [text, setText] = useState("")
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const away = useStore(connectionStore, awayWords)
  const idOf = useMessageIds()
  const stillSays = useStillSays(text)
  const send = async () => {
    const said = text.trim()
    if (said === "" || busy || offline) return
    setBusy(true)
    const wrong = await say({ text: said, client_message_id: idOf(said) })
    setBusy(false)
    setProblem(wrong)
    if (wrong === null && stillSays(said)) onClose()
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose()
      }}
      title={title}
      description={description}
      size="s"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={text.trim() === "" || offline} onClick={() => void send()}>
            {verb}
          </Button>
        </>
      }
    >
      <TextArea
        label="What to say"
        value={text}
        ref={focusIt}
        error={offline ? `${away}: nothing can be sent now.` : problem}
        hint="Ctrl Enter sends"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
          event.preventDefault()
          void send()
        }}
      />
    </Dialog>
  )
}

const focusIt = (area: HTMLTextAreaElement | null): void => area?.focus()

interface WhisperProps {
  readonly card: ChoirCard
  readonly offline: boolean
  readonly onClose: () => void
}

export const WhisperDialog = ({ card, offline, onClose }: WhisperProps) => (
  <Say
    title={`Whisper to ${card.agent}`}
    description={`It works on “${shortened(plainName(card.objective), 120)}” and hears this at its next step.`}
    verb="Whisper"
    offline={offline}
    onClose={onClose}
    say={async (said) => {
      try {
        await whisper(card, said)
        notify(`${card.agent} hears it at its next step`, { level: "success" })
        return null
      } catch (error) {
        return inWords(error)
      }
    }}
  />
)

interface BroadcastProps {
  readonly cards: ReadonlyArray<ChoirCard>
  readonly offline: boolean
  readonly onClose: () => void
}

export const BroadcastDialog = ({ cards, offline, onClose }: BroadcastProps) => (
  <Say
    title="Broadcast to all"
    description={`${counted(cards.length, "open run")} will hear this at the next step.`}
    verb={`Say it to ${cards.length}`}
    offline={offline}
    onClose={onClose}
    say={async (said) => {
      const { took, refused } = await broadcast(cards, said)
      if (took === 0) return refused[0] ?? "Nobody is at work any more."
      notify(refused.length === 0 ? `All ${took} took it` : `${took} of ${took + refused.length} took it`, {
        level: refused.length === 0 ? "success" : "warning",
        text: refused.length === 0 ? null : refused.join("\n")
      })
      return null
    }}
  />
)
