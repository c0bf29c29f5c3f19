/** What was sent from here: a chip each, with the state that it is in now. */
import { Check, ChevronUp, CircleX, LoaderCircle, SquareTerminal, X } from "lucide-react"
import { useEffect } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { hasEnded } from "../../prompt/context.ts"
import { short } from "../../prompt/describe.ts"
import { choirStore } from "../../state/choir.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { Spinner } from "../../ui/Spinner.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { openRun } from "../runCommands.ts"
import { outputStore, showOutput } from "./output.ts"
import styles from "./SentChips.module.css"
import { removeSent, type SentLine, type SentRun, sentStore } from "./sent.ts"

/** Milliseconds that a run which went well stays. */
const doneFor = 12_000

export const SentChips = () => {
  const sent = useStore(sentStore, (store) => store.sent)
  if (sent.length === 0) return null
  return (
    <ul className={styles.chips} aria-label="What was sent">
      {sent.toReversed().map((one) => (
        <li key={one.id} className={styles.chip}>
          {one.kind === "run" ? <RunChip sent={one} /> : <LineChip sent={one} />}
          <button
            type="button"
            className={styles.remove}
            aria-label={`Put away ${short(one.text)}`}
            onClick={() => removeSent(one.id)}
          >
            <X size={12} strokeWidth={2} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  )
}

const RunChip = ({ sent: { id, run_id, status, text } }: { readonly sent: SentRun }) => {
  const phase = useStore(choirStore, ({ choir }) => (run_id === null ? undefined : choir.cards.get(run_id)?.phase))
  const isOver = phase === "done" || phase === "stopped"
  useEffect(() => {
    if (!isOver) return
    const timer = setTimeout(() => removeSent(id), doneFor)
    return () => clearTimeout(timer)
  }, [isOver, id])
  const state = phase === undefined ? (status === "sent" ? "Working" : waits[status]) : phaseWords[phase].label
  return (
    <button
      type="button"
      className={styles.face}
      disabled={run_id === null}
      data-phase={phase ?? status}
      onClick={() => {
        if (run_id !== null) openRun(run_id)
        if (phase !== undefined && hasEnded(phase)) removeSent(id)
      }}
    >
      {phase === undefined ? <Spinner /> : <StateIcon phase={phase} size={14} decorative />}
      <span className={styles.words}>{plainName(short(text))}</span>
      <span className={styles.state}>{state}</span>
    </button>
  )
}

const waits = { sending: "Sending", queued: "Queued", sent: "Working" } as const

const LineChip = ({ sent }: { readonly sent: SentLine }) => {
  const isShown = useStore(outputStore, ({ shown }) => shown === sent.id)
  return (
    <button
      type="button"
      className={styles.face}
      aria-expanded={isShown}
      onClick={() => showOutput(isShown ? null : sent.id)}
    >
      <LineIcon line={sent} />
      <code className={styles.words}>{plainName(short(sent.text))}</code>
      <span className={styles.state}>{lineState(sent)}</span>
      <ChevronUp size={12} strokeWidth={1.75} aria-hidden="true" />
    </button>
  )
}

const LineIcon = ({ line: { exit_code, status } }: { readonly line: SentLine }) => {
  if (status === "sending" || status === "running")
    return <LoaderCircle size={14} strokeWidth={1.75} aria-hidden="true" />
  if (status === "completed" && exit_code === 0) return <Check size={14} strokeWidth={1.75} aria-hidden="true" />
  return status === "completed" ? (
    <SquareTerminal size={14} strokeWidth={1.75} aria-hidden="true" />
  ) : (
    <CircleX size={14} strokeWidth={1.75} aria-hidden="true" />
  )
}

export const lineState = ({ exit_code, status }: SentLine): string => {
  switch (status) {
    case "sending":
      return "Sending"
    case "running":
      return "Running"
    case "cancelled":
      return "Stopped"
    case "completed":
    case "failed":
      return exit_code === null ? "Failed" : exit_code === 0 ? "Done" : `Exit code ${exit_code}`
  }
}
