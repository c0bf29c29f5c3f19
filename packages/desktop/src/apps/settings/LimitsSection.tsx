/** What may be used up: by a run, by an agent in a day, by all in a day. */
import { AgentsReply, BudgetsReply, type Caps } from "@choiros/protocol"
import { Trash2 } from "lucide-react"
import { useState } from "react"
import { get, inWords, request } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import {
  budgetOfTexts,
  type CapKind,
  type CapTexts,
  capKinds,
  capWords,
  isNoCap,
  noCaps,
  textsOfBudget
} from "./caps.ts"
import styles from "./LimitsSection.module.css"
import { Note, Part } from "./Part.tsx"
import { Show, Whole } from "./Show.tsx"
import { Today } from "./Today.tsx"
import { useLoaded } from "./useLoaded.ts"

const readBudgets = () => get("/budgets", BudgetsReply)
const readAgents = () => get("/agents", AgentsReply)
const changesCaps = (event_type: string): boolean =>
  event_type.startsWith("budget.") || event_type === "model.call_ended" || event_type === "run.ended"

export const LimitsSection = () => {
  const budgets = useLoaded(readBudgets, changesCaps)
  const agents = useLoaded(readAgents)
  const names = agents.state.status === "ready" ? agents.state.value.agents.map(({ name }) => name) : []
  return (
    <Whole of={[budgets]}>
      <Show of={budgets} what="the limits">
        {(reply) => (
          <>
            {reply.problem === null ? null : <Note tone="danger">{reply.problem}</Note>}
            <Today reply={reply} onRaised={budgets.reload} />
            <CapsForm caps={reply.caps} names={names} onSaved={budgets.put} />
            <p className={styles.prices}>Costs are told from prices of {reply.prices_date}. Days are UTC.</p>
          </>
        )}
      </Show>
    </Whole>
  )
}

interface CapsFormProps {
  readonly caps: Caps
  readonly names: ReadonlyArray<string>
  readonly onSaved: (reply: BudgetsReply) => void
}

interface CapsDraft {
  readonly run: CapTexts
  readonly day: CapTexts
  readonly agents: Readonly<Record<string, CapTexts>>
}

const draftOf = (caps: Caps): CapsDraft => ({
  run: textsOfBudget(caps.run),
  day: textsOfBudget(caps.day),
  agents: Object.fromEntries(Object.entries(caps.agents ?? {}).map(([name, budget]) => [name, textsOfBudget(budget)]))
})

const CapsForm = ({ caps, names, onSaved }: CapsFormProps) => {
  const [draft, setDraft] = useState<CapsDraft | null>(null)
  const [busy, setBusy] = useState(false)
  const [saved, setSaved] = useState(false)
  const [problem, setProblem] = useState<string | null>(null)
  const shown = draft ?? draftOf(caps)
  const run = budgetOfTexts(shown.run)
  const day = budgetOfTexts(shown.day)
  const agents = Object.entries(shown.agents).map(([name, texts]) => [name, budgetOfTexts(texts)] as const)
  const readable = run.ok && day.ok && agents.every(([, read]) => read.ok)
  const others = names.filter((name) => !Object.hasOwn(shown.agents, name))

  const change = (next: CapsDraft): void => {
    setSaved(false)
    setDraft(next)
  }

  const save = async (): Promise<void> => {
    if (!run.ok || !day.ok) return
    const body: Caps = {
      run: isNoCap(run.budget) ? null : run.budget,
      day: isNoCap(day.budget) ? null : day.budget,
      agents: Object.fromEntries(
        agents.flatMap(([name, read]) => (read.ok && !isNoCap(read.budget) ? [[name, read.budget]] : []))
      )
    }
    setBusy(true)
    setProblem(null)
    try {
      onSaved(await request("PUT", "/budgets", BudgetsReply, { body }))
      // What was typed since is still to be saved.
      setDraft((now) => (now === draft ? null : now))
      setSaved(true)
    } catch (error) {
      setProblem(inWords(error))
    }
    setBusy(false)
  }

  return (
    <Part
      title="Caps"
      intro="A run that reaches a cap pauses and asks; nothing is lost. Leave a field empty for no cap of that kind."
    >
      <form
        className={styles.caps}
        onSubmit={(event) => {
          event.preventDefault()
          if (readable) void save()
        }}
      >
        <CapRow title="Each run" texts={shown.run} onTexts={(texts) => change({ ...shown, run: texts })} />
        <CapRow title="All runs in a day" texts={shown.day} onTexts={(texts) => change({ ...shown, day: texts })} />
        {Object.entries(shown.agents).map(([name, texts]) => (
          <CapRow
            key={name}
            title={`${plainName(name)} in a day`}
            agent={name}
            texts={texts}
            onTexts={(next) => change({ ...shown, agents: { ...shown.agents, [name]: next } })}
            onRemove={() => {
              const { [name]: _, ...left } = shown.agents
              change({ ...shown, agents: left })
            }}
          />
        ))}
        {others.length === 0 ? null : (
          <SelectField
            label="Add a cap for an agent"
            className={styles.add}
            value=""
            options={[
              { value: "", label: "Choose an agent" },
              ...others.map((name) => ({ value: name, label: plainName(name) }))
            ]}
            onChange={(name) => {
              if (name !== "") change({ ...shown, agents: { ...shown.agents, [name]: noCaps } })
            }}
          />
        )}
        {problem === null ? null : <Note tone="danger">{problem}</Note>}
        {saved && draft === null ? (
          <Note tone="success">Saved. It holds from now on, for runs at work as well.</Note>
        ) : null}
        <div className={styles.buttons}>
          <Button type="submit" variant="primary" busy={busy} disabled={draft === null || !readable}>
            Save the caps
          </Button>
          {draft === null ? null : (
            <Button variant="ghost" onClick={() => setDraft(null)}>
              Undo the changes
            </Button>
          )}
        </div>
      </form>
    </Part>
  )
}

interface CapRowProps {
  readonly title: string
  readonly agent?: string | undefined
  readonly texts: CapTexts
  readonly onTexts: (texts: CapTexts) => void
  readonly onRemove?: (() => void) | undefined
}

const CapRow = ({ agent, onRemove, onTexts, texts, title }: CapRowProps) => {
  const read = budgetOfTexts(texts)
  const wrong: ReadonlyArray<CapKind> = read.ok ? [] : read.wrong
  return (
    <fieldset className={styles.row}>
      <legend className={styles.legend}>
        {agent === undefined ? null : <AgentMark name={agent} size={14} />}
        {title}
        {onRemove === undefined ? null : (
          <IconButton
            label={`Remove the cap of ${agent ?? title}`}
            size="s"
            icon={<Trash2 size={14} strokeWidth={1.75} />}
            onClick={onRemove}
          />
        )}
      </legend>
      <div className={styles.fields}>
        {capKinds.map((kind) => (
          <TextField
            key={kind}
            label={capWords[kind].label}
            inputMode={kind === "usd" || kind === "seconds" ? "decimal" : "numeric"}
            placeholder="No cap"
            value={texts[kind]}
            error={wrong.includes(kind) ? "A number above 0" : undefined}
            onChange={(event) => onTexts({ ...texts, [kind]: event.target.value })}
          />
        ))}
      </div>
    </fieldset>
  )
}
