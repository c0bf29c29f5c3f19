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
  type Plan,
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

export const PlanPanel = ({ detail, offline, onSaved, steps }: PlanPanelProps) => {
  const [chosen, setChosen] = useState<boolean | null>(null)
  /** The plan that was begun with, while there are edits of it. */
  const [held, setHeld] = useState<Plan | null>(null)
  /** The last revision that was saved from here. */
  const [saved, setSaved] = useState(0)
  const { ended_at, plan } = detail
  if (plan === null || ended_at !== null || detail.phase === "stopping") return null
  const review = waitsForReview(detail, steps)
  const open = chosen ?? (review || held !== null)
  // One that is set meanwhile does not take the place of the one that is edited.
  const shown = held === null || held.revision === plan.revision ? plan : held
  // Until it is read again, it is the one before the edits.
  const behind = plan.revision < saved
  const done = plan.parts.filter(({ status }) => status === "completed").length
  return (
    <section className={styles.panel} aria-label="Plan">
      <div className={styles.bar}>
        <ListTodo className={styles.icon} size={16} strokeWidth={1.75} aria-hidden="true" />
        <p className={styles.words}>
          {review ? "The plan waits for your review" : `Plan: ${done} of ${plan.parts.length} parts done`}
        </p>
        <Button
          size="s"
          variant="ghost"
          aria-expanded={open}
          disabled={behind && !open}
          onClick={() => setChosen(!open)}
        >
          {open ? "Hide the plan" : review ? "Review the plan" : "Edit the plan"}
        </Button>
      </div>
      {open || held !== null ? (
        <Editor
          key={shown.revision}
          run={detail}
          plan={shown}
          hidden={!open}
          behind={behind}
          stale={shown !== plan}
          offline={offline}
          review={review}
          onEdited={(is) => setHeld(is ? shown : null)}
          onSaved={(revision, close) => {
            setHeld(null)
            setSaved(revision)
            if (close) setChosen(false)
            onSaved()
          }}
        />
      ) : null}
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

interface EditorProps {
  readonly run: Pick<RunDetail, "agent" | "run_id">
  readonly plan: Plan
  /** What was edited is kept out of sight. */
  readonly hidden: boolean
  /** What was saved was not read yet. */
  readonly behind: boolean
  /** The run has another plan by now. */
  readonly stale: boolean
  readonly offline: boolean
  readonly review: boolean
  readonly onEdited: (is: boolean) => void
  readonly onSaved: (revision: number, close: boolean) => void
}

const Editor = ({ behind, hidden, offline, onEdited, onSaved, plan, review, run, stale }: EditorProps) => {
  const { agent, run_id } = run
  const before = useMemo(() => draftOf(plan), [plan])
  const [draft, setDraft] = useState<Draft>(before)
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const names = useAgents(agent)
  const owners = useMemo(
    () => [...new Set([...names, ...draft.map(({ agent }) => agent).filter((name) => name !== "")])],
    [names, draft]
  )
  const isChanged = (to: Draft): boolean => JSON.stringify(partsOf(to)) !== JSON.stringify(partsOf(before))
  const changed = isChanged(draft)
  // What is typed while it is saved would be in no plan.
  const locked = busy || behind
  // While it is saved, the newer one is its own.
  const isLate = stale && !busy
  const wrong = problemOf(draft)
  const problem = isLate
    ? "The plan was set anew meanwhile: these changes can't be saved. Undo them to see it."
    : (refusal ?? wrong)
  const cannot = offline || isLate || wrong !== null

  const edit = (to: Draft) => {
    setDraft(to)
    onEdited(isChanged(to))
  }

  const save = async (goOn: boolean) => {
    setBusy(true)
    setRefusal(null)
    try {
      if (changed) {
        const body = { revision: plan.revision, parts: partsOf(draft) }
        await request("PUT", path`runs/${run_id}/plan`, Done, { body })
      }
      const close = !goOn || (await resumeRun(run_id))
      onSaved(changed ? plan.revision + 1 : plan.revision, close)
    } catch (error) {
      setRefusal(inWords(error))
    } finally {
      setBusy(false)
    }
  }

  return (
    <div className={styles.editor} hidden={hidden}>
      <ol className={styles.parts}>
        {draft.map((part, index) => (
          <Part
            key={part.id}
            part={part}
            number={index + 1}
            draft={draft}
            owners={owners}
            status={plan.parts.find(({ id }) => id === part.id)?.status ?? null}
            locked={locked}
            onChange={edit}
          />
        ))}
      </ol>
      {problem === null ? null : (
        <p className={styles.problem} role="alert">
          {problem}
        </p>
      )}
      <div className={styles.buttons}>
        <Button
          size="s"
          icon={<Plus size={14} strokeWidth={1.75} />}
          disabled={locked}
          onClick={() => edit(addPart(draft, owners[0] ?? ""))}
        >
          Add a part
        </Button>
        <span className={styles.space} />
        {changed ? (
          <Button size="s" variant="ghost" disabled={locked} onClick={() => edit(before)}>
            Undo the changes
          </Button>
        ) : null}
        <Button size="s" busy={locked} disabled={cannot || !changed} onClick={() => void save(false)}>
          Save
        </Button>
        {review ? (
          <Button size="s" variant="primary" busy={locked} disabled={cannot} onClick={() => void save(true)}>
            {changed ? "Save and go on" : "Go on"}
          </Button>
        ) : null}
      </div>
    </div>
  )
}

const statusWords: Readonly<Record<Plan["parts"][number]["status"], string>> = {
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
  locked,
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
  /** It is being saved. */
  readonly locked: boolean
  readonly onChange: (draft: Draft) => void
}) => {
  const { after, agent, fixed, id, objective, rest } = part
  const stays = fixed || locked
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
          disabled={stays}
          onChange={(name) => onChange(withPart(draft, id, { agent: name }))}
        />
        {status === null ? <Badge tone="accent">New</Badge> : <Badge>{statusWords[status]}</Badge>}
        <span className={styles.space} />
        <IconButton
          size="s"
          label={`Move part ${number} up`}
          icon={<ArrowUp size={14} strokeWidth={1.75} />}
          disabled={locked || number === 1}
          onClick={() => onChange(movePart(draft, id, -1))}
        />
        <IconButton
          size="s"
          label={`Move part ${number} down`}
          icon={<ArrowDown size={14} strokeWidth={1.75} />}
          disabled={locked || number === draft.length}
          onClick={() => onChange(movePart(draft, id, 1))}
        />
        <IconButton
          size="s"
          label={`Remove part ${number}`}
          icon={<Trash2 size={14} strokeWidth={1.75} />}
          disabled={stays || draft.length === 1}
          onClick={() => onChange(removePart(draft, id))}
        />
      </div>
      <TextArea
        label={`What is to be done in part ${number}`}
        hideLabel
        rows={2}
        value={objective}
        readOnly={stays}
        onChange={(event) => onChange(withPart(draft, id, { objective: event.target.value }))}
      />
      {others.length === 0 ? null : (
        <fieldset className={styles.after} disabled={stays}>
          <legend>After</legend>
          {others.map((other) => (
            <Checkbox
              key={other.id}
              label={`${draft.indexOf(other) + 1}. ${shortened(plainName(other.objective), 40)}`}
              checked={after.includes(other.id)}
              disabled={stays}
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
