import { ChevronDown, ChevronUp, GitFork, Link, RotateCcw, TriangleAlert } from "lucide-react"
import type { KeyboardEvent } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { count } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu, type MenuItem } from "../../ui/Menu.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { copyLink, forkRun, retryRun } from "./runCommands.ts"
import styles from "./Timeline.module.css"
import type { Row, RowFilter, RowKind } from "./timelineRows.ts"
import type { useSearch } from "./useSearch.ts"

const kinds: ReadonlyArray<{ readonly value: RowKind; readonly label: string }> = [
  { value: "all", label: "Everything" },
  { value: "messages", label: "Messages" },
  { value: "model", label: "The model's words" },
  { value: "commands", label: "Commands" },
  { value: "reads", label: "Reads and searches" },
  { value: "edits", label: "Files written" },
  { value: "agents", label: "Agents and plans" },
  { value: "oversight", label: "Approvals, questions, limits" },
  { value: "other", label: "All else" }
]

export const TimelineControls = ({
  agents,
  filter,
  live,
  of,
  search,
  shown,
  onFilter
}: {
  readonly agents: ReadonlyArray<string>
  readonly filter: RowFilter
  readonly search: ReturnType<typeof useSearch>
  /** Rows that are there with this filter. */
  readonly shown: number
  /** The row that is pointed at. */
  readonly of: Row | null
  readonly live: boolean
  readonly onFilter: (filter: RowFilter) => void
}) => {
  const { at, go, hits, setWords, words } = search
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1)
    else if (event.key === "Escape" && words !== "") setWords("")
    else return
    event.preventDefault()
    event.stopPropagation()
  }
  const none = hits === null || hits.length === 0
  return (
    <div className={styles.controls}>
      <div className={styles.search} role="search">
        <TextField
          label="Search the timeline"
          hideLabel
          type="search"
          placeholder="Search"
          value={words}
          onChange={(event) => setWords(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {words.trim() === "" ? null : (
          <>
            <span className={styles.hits} role="status">
              {hits === null ? "Searching" : none ? "Nothing found" : `${count(at + 1)} of ${count(hits.length)}`}
            </span>
            <IconButton
              size="s"
              label="Previous hit"
              icon={<ChevronUp size={16} strokeWidth={1.75} />}
              disabled={none}
              onClick={() => go(-1)}
            />
            <IconButton
              size="s"
              label="Next hit"
              icon={<ChevronDown size={16} strokeWidth={1.75} />}
              disabled={none}
              onClick={() => go(1)}
            />
          </>
        )}
      </div>
      <SelectField
        label="Kind"
        hideLabel
        className={styles.select}
        options={kinds}
        value={filter.kind}
        onChange={(kind) => onFilter({ ...filter, kind })}
      />
      {agents.length < 2 ? null : (
        <fieldset className={styles.agents} aria-label="Agents">
          {agents.map((agent) => (
            <button
              key={agent}
              type="button"
              className={styles.agent}
              aria-pressed={filter.agent === agent}
              onClick={() => onFilter({ ...filter, agent: filter.agent === agent ? null : agent })}
            >
              <AgentMark name={agent} size={12} />
              {agent}
            </button>
          ))}
        </fieldset>
      )}
      <IconButton
        label="Only what failed"
        icon={<TriangleAlert size={16} strokeWidth={1.75} />}
        pressed={filter.failed}
        onClick={() => onFilter({ ...filter, failed: !filter.failed })}
      />
      {of === null || of.step < 1 ? null : (
        <Menu
          align="end"
          trigger={
            <Button size="s" variant="ghost">
              Step {count(of.step)}
              <ChevronDown size={14} strokeWidth={1.75} />
            </Button>
          }
          items={stepMenu(of, live, offline)}
        />
      )}
      <span className={styles.amount}>{count(shown)} rows</span>
    </div>
  )
}

const stepMenu = ({ run_id, step }: Row, live: boolean, offline: boolean): ReadonlyArray<MenuItem> => [
  {
    id: "link",
    label: "Copy the link to the step",
    icon: <Link size={16} strokeWidth={1.75} />,
    onSelect: () => void copyLink(run_id, step)
  },
  {
    id: "retry",
    label: "Retry from this step",
    icon: <RotateCcw size={16} strokeWidth={1.75} />,
    // In its thread, where one run works at a time.
    disabled: live || offline,
    onSelect: () => void retryRun(run_id, step)
  },
  {
    id: "fork",
    label: "Fork from this step",
    icon: <GitFork size={16} strokeWidth={1.75} />,
    disabled: offline,
    onSelect: () => void forkRun(run_id, step)
  }
]
