import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Chip } from "../../ui/Chip.tsx"
import styles from "./Logs.module.css"
import { type LogFilter, noFilter, partsOf } from "./logFilter.ts"
import { useRunName, useThreadName } from "./names.ts"

interface FilterChipsProps {
  readonly filter: LogFilter
  readonly onFilter: (filter: LogFilter) => void
}

/** What the log is narrowed to, each part with the way to take it away. */
export const FilterChips = ({ filter, onFilter }: FilterChipsProps) => {
  const run = useRunName(filter.run_id)
  const thread = useThreadName(filter.thread)
  if (partsOf(filter) === 0) return null
  const actor = filter.actor_id.trim()
  return (
    <div className={styles.chips}>
      {filter.families.map((family) => (
        <Chip
          key={family}
          label={family}
          onRemove={() => onFilter({ ...filter, families: filter.families.filter((other) => other !== family) })}
        />
      ))}
      {filter.patterns.map((pattern) => (
        <Chip
          key={pattern}
          label={plainName(pattern)}
          onRemove={() => onFilter({ ...filter, patterns: filter.patterns.filter((other) => other !== pattern) })}
        />
      ))}
      {filter.run_id !== null && (
        <Chip label={run ?? "One run"} onRemove={() => onFilter({ ...filter, run_id: null })} />
      )}
      {filter.thread !== null && (
        <Chip label={`Thread: ${thread ?? "one"}`} onRemove={() => onFilter({ ...filter, thread: null })} />
      )}
      {actor !== "" && (
        <Chip label={`Actor: ${plainName(actor)}`} onRemove={() => onFilter({ ...filter, actor_id: "" })} />
      )}
      {filter.correlation_id !== null && (
        <Chip label="One chain" onRemove={() => onFilter({ ...filter, correlation_id: null })} />
      )}
      <Button size="s" variant="ghost" onClick={() => onFilter({ ...noFilter, text: filter.text })}>
        Clear
      </Button>
    </div>
  )
}
