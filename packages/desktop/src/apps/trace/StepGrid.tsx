/** Every step of every run as one cell: rows are runs, columns are steps. Only what is in sight is drawn, both ways. */
import type { TimelineStep } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import {
  FileText,
  Hammer,
  type LucideIcon,
  MessageCircleQuestion,
  MessageSquare,
  PencilLine,
  Search,
  Share2,
  SquareTerminal
} from "lucide-react"
import { type KeyboardEvent, memo, useEffect, useRef } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import styles from "./StepGrid.module.css"
import type { Selection } from "./selection.ts"
import { outcomeWords, type StepKind, stepKindWords, stepLook } from "./stepLook.ts"
import type { RunSteps } from "./traceStore.ts"
import type { TreeRow } from "./tree.ts"

interface StepGridProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly runs: ReadonlyMap<string, RunSteps>
  readonly selected: Selection
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
  readonly onPoint: (selection: Selection | null) => void
}

const cell = { width: 26, height: 30 } as const
const who = 168
const head = 24

export const StepGrid = ({ rows, runs, selected, onSelect, onOpen, onPoint }: StepGridProps) => {
  const scroll = useRef<HTMLDivElement>(null)
  const columns = rows.reduce((most, { card }) => Math.max(most, lastStep(runs.get(card.run_id))), 0)
  const down = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => cell.height,
    paddingStart: head,
    scrollPaddingStart: head,
    overscan: 4
  })
  const across = useVirtualizer({
    horizontal: true,
    count: columns,
    getScrollElement: () => scroll.current,
    estimateSize: () => cell.width,
    paddingStart: who,
    scrollPaddingStart: who,
    overscan: 6
  })
  const at = Math.max(
    0,
    rows.findIndex(({ card }) => card.run_id === selected.run_id)
  )
  const wantsFocus = useRef(false)
  useEffect(() => {
    if (!wantsFocus.current) return
    const target = scroll.current?.querySelector<HTMLElement>('[tabindex="0"][data-cell]')
    if (target === null || target === undefined) return
    target.focus({ preventScroll: true })
    wantsFocus.current = false
  })

  const go = (row: number, step: number | null) => {
    const next = rows[Math.min(rows.length - 1, Math.max(0, row))]
    if (next === undefined) return
    const last = lastStep(runs.get(next.card.run_id))
    const to = step === null || step < 1 || last === 0 ? null : Math.min(step, last)
    wantsFocus.current = true
    onSelect({ run_id: next.card.run_id, step: to })
    down.scrollToIndex(rows.indexOf(next))
    if (to !== null) across.scrollToIndex(to - 1)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const step = selected.step
    switch (event.key) {
      case "ArrowRight":
        go(at, (step ?? 0) + 1)
        break
      case "ArrowLeft":
        go(at, step === null ? null : step - 1)
        break
      case "ArrowDown":
        go(at + 1, step)
        break
      case "ArrowUp":
        go(at - 1, step)
        break
      case "Home":
        go(at, 1)
        break
      case "End":
        go(at, columns)
        break
      case "Enter":
        onOpen(selected)
        break
      default:
        return
    }
    event.preventDefault()
  }

  return (
    <div
      ref={scroll}
      className={styles.grid}
      role="grid"
      aria-label="Steps by run"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns + 1}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onPoint(null)}
    >
      <div
        className={styles.whole}
        role="presentation"
        style={{ width: across.getTotalSize(), height: down.getTotalSize() }}
      >
        <div className={styles.numbers} role="row" aria-rowindex={1} tabIndex={-1}>
          <span role="columnheader" className={styles.corner} tabIndex={-1}>
            Run
          </span>
          {across.getVirtualItems().map(({ index, start }) => (
            <span
              key={index}
              role="columnheader"
              aria-colindex={index + 2}
              tabIndex={-1}
              className={styles.number}
              style={{ transform: `translateX(${start}px)` }}
            >
              <span className={(index + 1) % 5 === 0 || index === 0 ? undefined : "visually-hidden"}>{index + 1}</span>
            </span>
          ))}
        </div>
        {down.getVirtualItems().map(({ index, start }) => {
          const row = rows[index]
          if (row === undefined) return null
          const { card, depth } = row
          const isRow = card.run_id === selected.run_id
          const of = runs.get(card.run_id)
          return (
            <div
              key={card.run_id}
              role="row"
              aria-rowindex={index + 2}
              tabIndex={-1}
              className={classes(styles.row, isRow && styles.chosenRow)}
              style={{ transform: `translateY(${start}px)` }}
            >
              <span
                role="rowheader"
                className={styles.who}
                style={{ paddingLeft: 12 + Math.min(4, depth) * 12 }}
                tabIndex={isRow && selected.step === null ? 0 : -1}
                data-cell=""
                onFocus={() => {
                  if (!isRow || selected.step !== null) onSelect({ run_id: card.run_id, step: null })
                }}
                onDoubleClick={() => onOpen({ run_id: card.run_id, step: null })}
              >
                <AgentMark name={card.agent} size={12} />
                <span className={styles.agent}>{plainName(card.agent)}</span>
                <StateIcon phase={card.phase} size={14} />
              </span>
              {of?.status === "failed" && (
                <button type="button" className={styles.failed} onClick={of.retry}>
                  {of.error}: try again
                </button>
              )}
              {across.getVirtualItems().map((column) => {
                const step = stepAt(of, column.index + 1)
                return (
                  step !== undefined && (
                    <Cell
                      key={column.index}
                      run_id={card.run_id}
                      step={step}
                      left={column.start}
                      chosen={isRow && selected.step === step.step}
                      onSelect={onSelect}
                      onOpen={onOpen}
                      onPoint={onPoint}
                    />
                  )
                )
              })}
            </div>
          )
        })}
      </div>
    </div>
  )
}

/** Steps are in their order; what came before the first one is step 0. */
export const stepAt = (of: RunSteps | undefined, number: number): TimelineStep | undefined => {
  const steps = of?.steps ?? []
  const first = steps[0]?.step ?? 1
  const guess = steps[number - first]
  return guess?.step === number ? guess : steps.find(({ step }) => step === number)
}

const lastStep = (of: RunSteps | undefined): number => of?.steps.at(-1)?.step ?? 0

interface CellProps {
  readonly run_id: string
  readonly step: TimelineStep
  readonly left: number
  readonly chosen: boolean
  readonly onSelect: (selection: Selection) => void
  readonly onOpen: (selection: Selection) => void
  readonly onPoint: (selection: Selection | null) => void
}

const icons: Readonly<Record<StepKind, LucideIcon>> = {
  answer: MessageSquare,
  shell: SquareTerminal,
  read: FileText,
  search: Search,
  edit: PencilLine,
  hand: Share2,
  ask: MessageCircleQuestion,
  tool: Hammer
}

const Cell = memo(({ run_id, step, left, chosen, onSelect, onOpen, onPoint }: CellProps) => {
  const { kind, outcome } = stepLook(step)
  const Icon = icons[kind]
  const here = { run_id, step: step.step }
  return (
    <span
      role="gridcell"
      aria-colindex={step.step + 1}
      aria-selected={chosen}
      aria-label={`Step ${step.step}: ${stepKindWords[kind]}, ${outcomeWords[outcome]}`}
      tabIndex={chosen ? 0 : -1}
      data-cell=""
      data-outcome={outcome}
      className={classes(styles.cell, chosen && styles.chosen)}
      style={{ transform: `translateX(${left}px)` }}
      onFocus={() => {
        if (!chosen) onSelect(here)
      }}
      onDoubleClick={() => onOpen(here)}
      onPointerEnter={() => onPoint(here)}
    >
      <Icon size={14} strokeWidth={1.75} aria-hidden="true" />
    </span>
  )
})
