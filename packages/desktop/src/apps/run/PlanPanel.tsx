/** A run's plan, to be seen and edited; one that waits for its review stands open. */
import { AgentsReply, Done, type RunDetail, type TimelineStep } from "@choiros/protocol"
import { ArrowDown, ArrowUp, ListTodo, Plus, Trash2 } from "lucide-react"
import { useEffect, useMemo, useState } from "react"
import { get, inWords, path, request } from "../../client/api.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextArea } from "../../ui/TextArea.tsx"
import styles from "./PlanPanel.module.css"
import {
  addPart,
  type Draft,
  type DraftPart,
  draftOf,
  movePart,
  partsOf,
  problemOf,
  removePart,
  withPart
} from "./planEdit.ts"
import { resumeRun } from "./runCommands.ts"
import { field } from "./timelineRows.ts"

interface PlanPanelProps {
  readonly detail: RunDetail
  readonly steps: ReadonlyArray<TimelineStep>
  /** The computer can't be reached. */
  readonly offline: boolean
  readonly onSaved: () => void
}

/** What it was paused for last says so. */
const waitsForReview = ({ phase }: RunDetail, steps: ReadonlyArray<TimelineStep>): boolean => {
  if (phase !== "paused") return false
  const last = steps.at(-1)?.notes.findLast(({ type }) => type === "run.paused")
  return field(last?.payload, "by") === "plan"
}

export const PlanPanel = (props: PlanPanelProps) => {
  const { detail, steps } = props
  const [chosen, setChosen] = useState<boolean | null>(null)
  const { ended_at, plan } = detail
  if (plan === null || ended_at !== null || detail.phase === "stopping") return null
  const review = waitsForReview(detail, steps)
  const open = chosen ?? review
  const done = plan.parts.filter(({ status }) => status === "completed").length
  return (
    <section className={styles.panel} aria-label="Plan">
      <div className={styles.bar}>
        <ListTodo className={styles.icon} size={16} strokeWidth={1.75} aria-hidden="true" />
        <p className={styles.words}>
          {review ? "The plan waits for your review" : `Plan: ${done} of ${plan.parts.length} parts done`}
        </p>
        <Button size="s" variant="ghost" aria-expanded={open} onClick={() => setChosen(!open)}>
          {open ? "Hide the plan" : review ? "Review the plan" : "Edit the plan"}
        </Button>
      </div>
      {open ? <Editor key={plan.revision} {...props} review={review} onClose={() => setChosen(false)} /> : null}
    </section>
  )
}

/** Names of agents that may have a part. */
const useAgents = (agent: string): ReadonlyArray<string> => {
  const [names, setNames] = useState<ReadonlyArray<string>>([])
  useEffect(() => {
    const abort = new AbortController()
    get("/agents", AgentsReply, {}, abort.signal)
      .then(({ agents }) => {
        const may = agents.find(({ name }) => name === agent)?.delegates_to ?? []
        setNames(agents.map(({ name }) => name).filter((name) => may.includes("*") || may.includes(name)))
      })
      // The owners that are in the plan are offered all the same.
      .catch(() => undefined)
    return () => abort.abort()
  }, [agent])
  return names
}

const Editor = ({
  detail,
  offline,
  onClose,
  onSaved,
  review
}: PlanPanelProps & { readonly review: boolean; readonly onClose: () => void }) => {
  const { plan, run_id } = detail
  const before = useMemo(() => (plan === null ? [] : draftOf(plan)), [plan])
  const [draft, setDraft] = useState<Draft>(before)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const names = useAgents(detail.agent)
  const owners = useMemo(
    () => [...new Set([...names, ...draft.map(({ agent }) => agent).filter((name) => name !== "")])],
    [names, draft]
  )
  const problem = problemOf(draft)
  const changed = JSON.stringify(partsOf(draft)) !== JSON.stringify(partsOf(before))

  const save = async (goOn: boolean) => {
    setBusy(true)
    setRefusal(null)
    try {
      if (changed) {
        const body = { revision: plan?.revision ?? 0, parts: partsOf(draft) }
        await request("PUT", path`runs/${run_id}/plan`, Done, { body })
      }
      if (!goOn || (await resumeRun(run_id))) onClose()
      onSaved()
    } catch (error) {
      setRefusal(inWords(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className={styles.editor}>
      <ol className={styles.parts}>
        {draft.map((part, index) => (
          <Part
            key={part.id}
            part={part}
            number={index + 1}
            draft={draft}
            owners={owners}
            status={plan?.parts.find(({ id }) => id === part.id)?.status ?? null}
            onChange={setDraft}
          />
        ))}
      </ol>
      {problem === null && refusal === null ? null : (
        <p className={styles.problem} role="alert">
          {refusal ?? problem}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          size="s"
          icon={<Plus size={14} strokeWidth={1.75} />}
          onClick={() => setDraft(addPart(draft, owners[0] ?? ""))}
        >
          Add a part
        </Button>
        <span className={styles.space} />
        {changed ? (
          <Button size="s" variant="ghost" onClick={() => setDraft(before)}>
            Undo the changes
          </Button>
        ) : null}
        <Button
          size="s"
          busy={busy}
          disabled={offline || !changed || problem !== null}
          onClick={() => void save(false)}
        >
          Save
        </Button>
        {review ? (
          <Button
            size="s"
            variant="primary"
            busy={busy}
            disabled={offline || problem !== null}
            onClick={() => void save(true)}
          >
            {changed ? "Save and go on" : "Go on"}
          </Button>
        ) : null}
      </div>
    </div>
  )
}

const statusWords: Readonly<Record<NonNullable<RunDetail["plan"]>["parts"][number]["status"], string>> = {
  waiting: "To come",
  ready: "Next",
  open: "At work",
  completed: "Done",
  failed: "Failed",
  cancelled: "Stopped",
  blocked: "Can't begin"
}

const Part = ({
  draft,
  number,
  onChange,
  owners,
  part,
  status
}: {
  readonly part: DraftPart
  readonly number: number
  readonly draft: Draft
  readonly owners: ReadonlyArray<string>
  readonly status: keyof typeof statusWords | null
  readonly onChange: (draft: Draft) => void
}) => {
  const { after, agent, fixed, id, objective, rest } = part
  const others = draft.filter((other) => other.id !== id)
  const options = [
    ...(rest.capability === undefined || rest.capability === null
      ? agent === ""
        ? [{ value: "", label: "Choose an agent" }]
        : []
      : [{ value: "", label: `Whoever can: ${plainName(rest.capability)}` }]),
    ...owners.map((name) => ({ value: name, label: name }))
  ]
  return (
    <li className={styles.part}>
      <div className={styles.head}>
        <span className={styles.number}>{number}</span>
        {agent === "" ? null : <AgentMark name={agent} />}
        <SelectField
          label={`Agent of part ${number}`}
          hideLabel
          options={options}
          value={agent}
          disabled={fixed}
          onChange={(name) => onChange(withPart(draft, id, { agent: name }))}
        />
        {status === null ? <Badge tone="accent">New</Badge> : <Badge>{statusWords[status]}</Badge>}
        <span className={styles.space} />
        <IconButton
          size="s"
          label={`Move part ${number} up`}
          icon={<ArrowUp size={14} strokeWidth={1.75} />}
          disabled={number === 1}
          onClick={() => onChange(movePart(draft, id, -1))}
        />
        <IconButton
          size="s"
          label={`Move part ${number} down`}
          icon={<ArrowDown size={14} strokeWidth={1.75} />}
          disabled={number === draft.length}
          onClick={() => onChange(movePart(draft, id, 1))}
        />
        <IconButton
          size="s"
          label={`Remove part ${number}`}
          icon={<Trash2 size={14} strokeWidth={1.75} />}
          disabled={fixed || draft.length === 1}
          onClick={() => onChange(removePart(draft, id))}
        />
      </div>
      <TextArea
        label={`What is to be done in part ${number}`}
        hideLabel
        rows={2}
        value={objective}
        readOnly={fixed}
        onChange={(event) => onChange(withPart(draft, id, { objective: event.target.value }))}
      />
      {others.length === 0 ? null : (
        <fieldset className={styles.after} disabled={fixed}>
          <legend>After</legend>
          {others.map((other) => (
            <Checkbox
              key={other.id}
              label={`${draft.indexOf(other) + 1}. ${shortened(plainName(other.objective), 40)}`}
              checked={after.includes(other.id)}
              disabled={fixed}
              onChange={(checked) =>
                onChange(
                  withPart(draft, id, {
                    after: checked ? [...after, other.id] : after.filter((one) => one !== other.id)
                  })
                )
              }
            />
          ))}
        </fieldset>
      )}
    </li>
  )
}
