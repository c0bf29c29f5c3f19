/** Where the time went, a bar a run: all bars on one scale, each moment counted once. */
import { memo, useMemo } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { duration } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { kindColour, kindWords, type SegmentKind, segmentsOf, type TimeSpent, timeSpent } from "../choir/segments.ts"
import type { Selection } from "./selection.ts"
import styles from "./TimeBars.module.css"
import type { RunSteps } from "./traceStore.ts"
import type { TreeRow } from "./tree.ts"

interface TimeBarsProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly runs: ReadonlyMap<string, RunSteps>
  readonly selected: Selection
  readonly now: number
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
}

type Kind = SegmentKind | "idle"

/** In the order of the bars. */
const kinds: ReadonlyArray<Kind> = ["model", "tool", "failed", "person", "agent", "paused", "idle"]
const words = (kind: Kind): string => (kind === "idle" ? "Between steps" : kindWords[kind])
const colour = (kind: Kind): string => (kind === "idle" ? "var(--surface-active)" : `var(${kindColour[kind]})`)

export const TimeBars = ({ rows, runs, selected, now, onSelect, onOpen }: TimeBarsProps) => {
  const longest = Math.max(1, ...rows.map(({ card }) => lengthOf(card, now)))
  return (
    <div className={styles.time}>
      <ul className={styles.legend}>
        {kinds.map((kind) => (
          <li key={kind}>
            <span className={styles.swatch} style={{ background: colour(kind) }} />
            {words(kind)}
          </li>
        ))}
      </ul>
      <ul className={styles.rows}>
        {rows.map((row) => {
          const { run_id } = row.card
          return (
            <Row
              key={run_id}
              row={row}
              of={runs.get(run_id)}
              now={row.card.ended_at === null ? now : 0}
              longest={longest}
              chosen={run_id === selected.run_id}
              onSelect={onSelect}
              onOpen={onOpen}
            />
          )
        })}
      </ul>
    </div>
  )
}

const lengthOf = ({ ended_at, started_at }: TreeRow["card"], now: number): number =>
  started_at === null ? 0 : (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at)

interface RowProps {
  readonly row: TreeRow
  readonly of: RunSteps | undefined
  /** 0 for a run that is over: its bar stands still. */
  readonly now: number
  readonly longest: number
  readonly chosen: boolean
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
}

const Row = memo(({ row: { card, depth }, of, now, longest, chosen, onSelect, onOpen }: RowProps) => {
  const { agent, ended_at, run_id, started_at } = card
  const steps = of?.steps
  const spent = useMemo(() => {
    if (steps === undefined || started_at === null) return null
    const until = ended_at === null ? now : Date.parse(ended_at)
    return timeSpent(segmentsOf(steps), Date.parse(started_at), until)
  }, [steps, started_at, ended_at, now])
  const whole = lengthOf(card, now)
  return (
    <li className={classes(styles.row, chosen && styles.chosen)}>
      <button
        type="button"
        className={styles.press}
        aria-pressed={chosen}
        style={{ paddingLeft: 12 + Math.min(4, depth) * 12 }}
        onClick={() => onSelect({ run_id, step: null })}
        onDoubleClick={() => onOpen({ run_id, step: null })}
        onKeyDown={(event) => {
          if (event.key !== "Enter") return
          event.preventDefault()
          onOpen({ run_id, step: null })
        }}
      >
        <span className={styles.head}>
          <AgentMark name={agent} size={12} />
          <span className={styles.agent}>{plainName(agent)}</span>
          <span className={styles.total}>{duration(whole)}</span>
        </span>
        {spent === null ? (
          of?.status === "failed" ? (
            <span className={styles.failed}>{of.error}</span>
          ) : (
            <Loading label={`the time of ${agent}`} lines={1} />
          )
        ) : (
          <>
            <span className={styles.bar} style={{ width: `${(whole / longest) * 100}%` }} aria-hidden="true">
              {kinds.map((kind) => (
                <span key={kind} style={{ flexGrow: Math.max(0, spent[kind]), background: colour(kind) }} />
              ))}
            </span>
            <span className={styles.words}>{spentWords(spent, whole)}</span>
          </>
        )}
      </button>
    </li>
  )
})

/** What took a hundredth and more, in its order. */
const spentWords = (spent: TimeSpent, whole: number): string =>
  kinds
    .filter((kind) => whole > 0 && spent[kind] / whole >= 0.01)
    .map((kind) => `${words(kind).toLowerCase()} ${duration(spent[kind])}`)
    .join(" · ")
