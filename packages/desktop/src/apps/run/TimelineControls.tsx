import { ChevronDown, ChevronUp, TriangleAlert } from "lucide-react"
import type { KeyboardEvent } from "react"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { count } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { SelectField } from "../../ui/SelectField.tsx"
import { TextField } from "../../ui/TextField.tsx"
import styles from "./Timeline.module.css"
import type { RowFilter, RowKind } from "./timelineRows.ts"
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
  search,
  shown,
  onFilter
}: {
  readonly agents: ReadonlyArray<string>
  readonly filter: RowFilter
  readonly search: ReturnType<typeof useSearch>
  /** Rows that are there with this filter. */
  readonly shown: number
  readonly onFilter: (filter: RowFilter) => void
}) => {
  const { at, go, hits, setWords, words } = search
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
      <span className={styles.amount}>{count(shown)} rows</span>
    </div>
  )
}
