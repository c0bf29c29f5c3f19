/** Every run in one table: sorted, filtered, by keyboard; only the rows in sight are drawn. */
import type { ChoirCard } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { ArrowDown, ArrowUp } from "lucide-react"
import { type KeyboardEvent, memo, useEffect, useMemo, useRef, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { calendarDate, clockTime, counted, duration, money, tokens } from "../../ui/format.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { present } from "../../ui/present.ts"
import { SelectField } from "../../ui/SelectField.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { AgentContextMenu, AgentMenuButton } from "./AgentMenus.tsx"
import styles from "./ChoirTable.module.css"
import { elapsed, isOpen } from "./room.ts"
import { type Column, columns, type Filter, filterWords, type Sorting, stateFilters, tableRows } from "./tableRows.ts"
import { useLiveNow } from "./useLive.ts"
import { openRun } from "./verbs.ts"

interface TableProps {
  readonly cards: ReadonlyMap<string, ChoirCard>
  readonly now: number
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

const names: Readonly<Record<Column, string>> = {
  state: "State",
  agent: "Agent",
  objective: "Objective",
  doing: "Doing",
  steps: "Steps",
  tokens: "Tokens",
  cost: "Cost",
  time: "Time",
  started: "Started"
}

/** Their first press shows the most first. */
const numbers: ReadonlyArray<Column> = ["steps", "tokens", "cost", "time", "started"]

const rowHeight = 34
const noFilter: Filter = { state: "all", agent: "", text: "" }
const states = stateFilters.map((value) => ({ value, label: filterWords[value] }))

export const ChoirTable = ({ cards, now, offline, onWhisper }: TableProps) => {
  const [filter, setFilter] = useState(noFilter)
  const [sorting, setSorting] = useState<Sorting>({ by: null, down: false })
  const [current, setCurrent] = useState<string | null>(null)
  const rows = tableRows(cards.values(), filter, sorting, now)
  const agents = useMemo(() => [...new Set([...cards.values()].map(({ agent }) => agent))].sort(), [cards])
  const scroll = useRef<HTMLDivElement>(null)
  const list = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    getItemKey: (index) => rows[index]?.run_id ?? index,
    overscan: 8
  })
  const at = Math.max(
    0,
    rows.findIndex(({ run_id }) => run_id === current)
  )
  const wanted = useRef<string | null>(null)
  // A row that was far away is there one drawing after it was scrolled to.
  useEffect(() => {
    if (wanted.current === null) return
    const row = scroll.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(wanted.current)}"]`)
    if (row === null || row === undefined) return
    row.focus({ preventScroll: true })
    wanted.current = null
  })

  const go = (index: number) => {
    const card = rows[Math.min(rows.length - 1, Math.max(0, index))]
    if (card === undefined) return
    wanted.current = card.run_id
    setCurrent(card.run_id)
    list.scrollToIndex(rows.indexOf(card))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const card = rows[at]
    const onRow = event.target instanceof HTMLElement && event.target.dataset["run"] !== undefined
    if (!onRow || card === undefined || event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / rowHeight) - 1)
    const moves: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: rows.length - 1
    }
    const to = moves[event.key]
    if (to !== undefined) go(to)
    else if (event.key === "Enter") openRun(card)
    else return
    event.preventDefault()
  }

  return (
    <div className={styles.table}>
      <div className={styles.filters}>
        <TextField
          label="Find"
          hideLabel
          type="search"
          placeholder="Find by objective or agent"
          className={styles.find}
          value={filter.text}
          onChange={(event) => setFilter({ ...filter, text: event.target.value })}
        />
        <SelectField
          label="State"
          hideLabel
          options={states}
          value={filter.state}
          onChange={(state) => setFilter({ ...filter, state })}
        />
        <SelectField
          label="Agent"
          hideLabel
          options={[
            { value: "", label: "Any agent" },
            ...agents.map((agent) => ({ value: agent, label: plainName(agent) }))
          ]}
          value={filter.agent}
          onChange={(agent) => setFilter({ ...filter, agent })}
        />
        {sorting.by !== null && (
          <Button size="s" variant="ghost" onClick={() => setSorting({ by: null, down: false })}>
            Needs you first
          </Button>
        )}
        <span className={styles.total}>{counted(rows.length, "run")}</span>
      </div>
      <AgentContextMenu offline={offline} onWhisper={onWhisper}>
        <div
          ref={scroll}
          className={styles.scroll}
          role="grid"
          aria-label="Runs"
          aria-rowcount={rows.length + 1}
          aria-colcount={columns.length + 1}
          onKeyDown={onKeyDown}
        >
          <div className={classes(styles.row, styles.header)} role="row" aria-rowindex={1} tabIndex={-1}>
            {columns.map((column) => (
              <Heading key={column} column={column} sorting={sorting} onSort={setSorting} />
            ))}
            <span role="columnheader" className={styles.menu} tabIndex={-1}>
              <span className="visually-hidden">More</span>
            </span>
          </div>
          <div className={styles.body} role="rowgroup" style={{ height: list.getTotalSize() }}>
            {list.getVirtualItems().map(({ index, key, start }) => {
              const card = rows[index]
              return (
                card !== undefined && (
                  <Row
                    key={key}
                    card={card}
                    index={index}
                    top={start}
                    current={index === at}
                    offline={offline}
                    onWhisper={onWhisper}
                    onFocus={setCurrent}
                  />
                )
              )
            })}
          </div>
          {rows.length === 0 && (
            <p className={styles.nothing}>
              No run fits.
              <Button size="s" variant="ghost" onClick={() => setFilter(noFilter)}>
                Show all
              </Button>
            </p>
          )}
        </div>
      </AgentContextMenu>
    </div>
  )
}

interface HeadingProps {
  readonly column: Column
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
}

const Heading = ({ column, sorting, onSort }: HeadingProps) => {
  const isBy = sorting.by === column
  const Arrow = sorting.down ? ArrowDown : ArrowUp
  return (
    <span
      role="columnheader"
      className={styles[column]}
      tabIndex={-1}
      aria-sort={isBy ? (sorting.down ? "descending" : "ascending") : "none"}
    >
      <button
        type="button"
        className={styles.sort}
        onClick={() => onSort({ by: column, down: isBy ? !sorting.down : numbers.includes(column) })}
      >
        {names[column]}
        {isBy && <Arrow size={12} strokeWidth={2} aria-hidden="true" />}
      </button>
    </span>
  )
}

interface RowProps {
  readonly card: ChoirCard
  readonly index: number
  readonly top: number
  readonly current: boolean
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
  readonly onFocus: (run_id: string) => void
}

const Row = memo(({ card, index, top, current, offline, onWhisper, onFocus }: RowProps) => {
  const { agent, doing, objective, phase, run_id, spent, started_at, steps } = card
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={classes(styles.row, styles.line)}
      style={{ transform: `translateY(${top}px)` }}
      tabIndex={current ? 0 : -1}
      data-run={run_id}
      onFocus={() => onFocus(run_id)}
      onDoubleClick={() => openRun(card)}
    >
      <Cell column="state">
        <StateIcon phase={phase} size={14} decorative />
        <span className={styles.label}>{phaseWords[phase].label}</span>
      </Cell>
      <Cell column="agent">
        <AgentMark name={agent} size={12} />
        <span className={styles.label}>{plainName(agent)}</span>
      </Cell>
      <Cell column="objective">
        <button type="button" className={styles.open} tabIndex={-1} onClick={() => openRun(card)}>
          {plainName(objective)}
        </button>
      </Cell>
      <Cell column="doing">
        <span className={styles.label}>{doing === null ? (card.reason ?? "") : `${doing.verb} ${doing.object}`}</span>
      </Cell>
      <Cell column="steps">{steps}</Cell>
      <Cell column="tokens">{tokens(spent.tokens)}</Cell>
      <Cell column="cost">{spent.cost > 0 ? money(spent.cost) : ""}</Cell>
      <Cell column="time">{isOpen(card) ? <Elapsed card={card} /> : duration(elapsed(card, 0))}</Cell>
      <Cell column="started">{started_at === null ? "" : startWords(started_at)}</Cell>
      <span role="gridcell" className={styles.menu} tabIndex={-1}>
        <AgentMenuButton
          run_id={run_id}
          agent={agent}
          tabIndex={current ? 0 : -1}
          offline={offline}
          onWhisper={onWhisper}
        />
      </span>
    </div>
  )
})

const Cell = ({ column, children }: { readonly column: Column; readonly children: React.ReactNode }) => (
  <span role="gridcell" className={styles[column]} tabIndex={-1}>
    {children}
  </span>
)

const Elapsed = ({ card }: { readonly card: ChoirCard }) => duration(elapsed(card, useLiveNow(1_000)))

const startWords = (iso: string): string => {
  const now = present()
  return Date.parse(iso) < new Date(now).setHours(0, 0, 0, 0) ? calendarDate(iso, now) : clockTime(iso)
}
