/** What the log can be narrowed to: families and patterns of types, a run, a thread, an actor. */
import { threadsOf } from "@choiros/protocol"
import { SlidersHorizontal } from "lucide-react"
import { useId, useMemo, useState } from "react"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { me } from "../../state/session.ts"
import { threadsStore } from "../../state/threads.ts"
import { Button } from "../../ui/Button.tsx"
import { Checkbox } from "../../ui/Checkbox.tsx"
import { Popover } from "../../ui/Popover.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./Logs.module.css"
import { families, type LogFilter, noFilter, partsOf, readPatterns } from "./logFilter.ts"

interface FilterPopoverProps {
  readonly filter: LogFilter
  readonly onFilter: (filter: LogFilter) => void
}

/** Runs and threads that are offered, the latest. */
const offered = 40
const longest = 48

export const FilterPopover = ({ filter, onFilter }: FilterPopoverProps) => {
  const parts = partsOf(filter)
  return (
    <Popover
      label="Filter the log"
      align="end"
      className={styles.popover}
      trigger={
        <Button size="s" icon={<SlidersHorizontal size={14} strokeWidth={1.75} aria-hidden="true" />}>
          {parts === 0 ? "Filter" : `Filter (${parts})`}
        </Button>
      }
    >
      <Fields filter={filter} onFilter={onFilter} />
    </Popover>
  )
}

const Fields = ({ filter, onFilter }: FilterPopoverProps) => {
  const [typed, setTyped] = useState(() => filter.patterns.join(" "))
  const { wrong } = readPatterns(typed)
  const runs = useMemo(runOptions, [])
  const threads = useMemo(threadOptions, [])
  const actors = useMemo(actorNames, [])
  const list = useId()
  const thread = threads.find(
    ({ of }) =>
      of.thread_id === filter.thread?.thread_id &&
      of.session_id === filter.thread.session_id &&
      of.actor_id === filter.thread.actor_id
  )
  return (
    <div className={styles.fields}>
      <fieldset>
        <legend className={styles.legend}>Kinds of events</legend>
        <div className={styles.families}>
          {families.map((family) => (
            <Checkbox
              key={family}
              label={family}
              checked={filter.families.includes(family)}
              onChange={(checked) =>
                onFilter({
                  ...filter,
                  families: checked ? [...filter.families, family] : filter.families.filter((other) => other !== family)
                })
              }
            />
          ))}
        </div>
      </fieldset>
      <TextField
        label="Types"
        placeholder="tool.* worker.>"
        hint="* is one part of a name, > all that follow"
        error={wrong === null ? undefined : `“${shortened(wrong, 40)}” is no pattern of a type`}
        value={typed}
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value)
          onFilter({ ...filter, patterns: readPatterns(event.target.value).patterns })
        }}
      />
      <SelectField
        label="Run"
        options={[{ value: "", label: "Any run" }, ...runs]}
        value={filter.run_id ?? ""}
        onChange={(run_id) => onFilter({ ...filter, run_id: run_id === "" ? null : run_id })}
      />
      <SelectField
        label="Thread"
        options={[{ value: "", label: "Any thread" }, ...threads]}
        value={filter.thread === null ? "" : (thread?.value ?? "other")}
        onChange={(value) =>
          onFilter({ ...filter, thread: threads.find((option) => option.value === value)?.of ?? null })
        }
      />
      <TextField
        label="Actor"
        placeholder="Any actor"
        list={list}
        value={filter.actor_id}
        spellCheck={false}
        onChange={(event) => onFilter({ ...filter, actor_id: event.target.value })}
      />
      <datalist id={list}>
        {actors.map((actor) => (
          <option key={actor} value={actor} />
        ))}
      </datalist>
      <Button
        size="s"
        disabled={partsOf(filter) === 0}
        onClick={() => {
          setTyped("")
          onFilter({ ...noFilter, text: filter.text })
        }}
      >
        Clear the filter
      </Button>
    </div>
  )
}

const runOptions = () =>
  [...choirStore.getState().choir.cards.values()]
    .toSorted((a, b) => b.last_seq - a.last_seq)
    .slice(0, offered)
    .map(({ agent, objective, run_id }) => ({
      value: run_id,
      label: `${plainName(agent)}: ${shortened(plainName(objective), longest)}`
    }))

const threadOptions = () =>
  threadsOf(threadsStore.getState().threads, me)
    .slice(0, offered)
    .map(({ actor_id, session_id, thread_id, title }) => ({
      value: `${actor_id} ${session_id} ${thread_id}`,
      label: shortened(plainName(title), longest),
      of: { actor_id, session_id, thread_id }
    }))

/** Who is known to act, beside the computer's own parts. */
const actorNames = (): ReadonlyArray<string> => [
  ...new Set([
    ...[...choirStore.getState().choir.cards.values()].map(({ actor_id }) => actor_id),
    "system",
    "supervisor",
    "main"
  ])
]
