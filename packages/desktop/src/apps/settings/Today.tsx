/** What is used up of today's caps, and the way to raise one for today alone. */
import { type BudgetsReply, CapRaiseReply } from "@choiros/protocol"
import { useState } from "react"
import { useStore } from "zustand"
import { inWords, post } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { usageStore } from "../../state/usage.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { count, counted, duration, money, tokens } from "../../ui/format.ts"
import { Progress } from "../../ui/Progress.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { type CapKind, capKinds, capOfText, capWords, raisedKind, textOfCap } from "./caps.ts"
import styles from "./LimitsSection.module.css"
import { Line, Note, Part } from "./Part.tsx"

type CapLine = BudgetsReply["today"][number]

const amount: Readonly<Record<CapKind, (value: number) => string>> = {
  steps: (value) => `${count(value)} steps`,
  tokens: (value) => `${tokens(value)} tokens`,
  usd: money,
  seconds: (value) => duration(value * 1_000)
}

interface TodayProps {
  readonly reply: BudgetsReply
  readonly onRaised: () => Promise<void>
}

export const Today = ({ onRaised, reply }: TodayProps) => {
  const used = useStore(usageStore, ({ today }) => today)
  const lines = reply.today.flatMap((line) =>
    capKinds.flatMap((kind) => {
      const limit = line.budget[kind]
      return limit === undefined ? [] : [{ line, kind, limit }]
    })
  )
  return (
    <Part title="Today">
      {used === null ? null : (
        <Line label="Used up so far">
          {money(used.usd)} · {tokens(used.tokens)} tokens · {counted(used.steps, "step")}
          {used.unpriced_calls === 0 ? "" : ` · ${counted(used.unpriced_calls, "call")} without a known price`}
        </Line>
      )}
      {lines.length === 0 ? <Note>No cap holds for today.</Note> : null}
      {lines.map(({ kind, limit, line }) => (
        <Cap key={`${line.scope} ${line.subject} ${kind}`} line={line} kind={kind} limit={limit} onRaised={onRaised} />
      ))}
    </Part>
  )
}

interface CapProps {
  readonly line: CapLine
  readonly kind: CapKind
  readonly limit: number
  readonly onRaised: () => Promise<void>
}

const Cap = ({ kind, limit, line, onRaised }: CapProps) => {
  const [text, setText] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const { scope, subject, used, waiting } = line
  const reserved = kind === "seconds" ? 0 : line.reserved[kind]
  const name = scope === "day" ? "All runs" : plainName(subject)
  const value = text === null ? null : capOfText(kind, text)

  const raise = async (): Promise<void> => {
    if (value === null || value === undefined) return
    setBusy(true)
    setProblem(null)
    try {
      const body = { scope, ...(scope === "agent" ? { subject } : {}), kind: raisedKind[kind], limit: value }
      await post("/budgets/raise", body, CapRaiseReply)
      await onRaised()
      setText(null)
    } catch (error) {
      setProblem(inWords(error))
    }
    setBusy(false)
  }

  return (
    <div className={styles.cap}>
      <div className={styles.capHead}>
        {scope === "agent" ? <AgentMark name={subject} size={14} /> : null}
        <span>
          {name}: {amount[kind](used[kind])} of {amount[kind](limit)}
          {reserved > 0 ? `, and up to ${amount[kind](reserved)} in calls under way` : ""}
        </span>
        <span className={styles.space} />
        {text === null ? (
          <Button size="s" onClick={() => setText(textOfCap(kind, limit))}>
            Raise for today
          </Button>
        ) : null}
      </div>
      <Progress
        label={`${name}: ${capWords[kind].label}`}
        value={used[kind]}
        max={limit}
        tone={used[kind] >= limit ? "danger" : used[kind] >= 0.8 * limit ? "warning" : "accent"}
      />
      {waiting.length === 0 ? null : (
        <p className={styles.waiting}>
          {counted(waiting.length, "run")} {waiting.length === 1 ? "waits" : "wait"} at this cap:{" "}
          {waiting.map((run_id, index) => (
            <Button key={run_id} size="s" variant="ghost" onClick={() => openApp("run", { run_id })}>
              Open {waiting.length === 1 ? "it" : `run ${index + 1}`}
            </Button>
          ))}
        </p>
      )}
      {text === null ? null : (
        <form
          className={styles.raise}
          onSubmit={(event) => {
            event.preventDefault()
            void raise()
          }}
        >
          <TextField
            label={`For today, at most (${capWords[kind].unit})`}
            inputMode="decimal"
            value={text}
            error={problem ?? (value === undefined || value === null ? "A number above 0" : undefined)}
            onChange={(event) => setText(event.target.value)}
          />
          <Button
            type="submit"
            variant="primary"
            busy={busy}
            disabled={value === undefined || value === null || value <= limit}
          >
            Raise
          </Button>
          <Button variant="ghost" onClick={() => setText(null)}>
            Cancel
          </Button>
        </form>
      )}
    </div>
  )
}
