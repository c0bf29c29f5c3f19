/**
 * Every step of a run and every call in it, as one list in lanes by agent.
 *
 * Law: only what is in sight is drawn. At the end of a run that goes on it follows; elsewhere nothing moves by itself.
 */
import { ArrowDown, ListFilter } from "lucide-react"
import { type CSSProperties, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { count } from "../../ui/format.ts"
import { ChildRun, type LoadedChild } from "./ChildRun.tsx"
import styles from "./Timeline.module.css"
import { TimelineControls } from "./TimelineControls.tsx"
import { TimelineRow } from "./TimelineRow.tsx"
import { type TimelineMoves, takeTimelineKeys } from "./timelineKeys.ts"
import { endsOf, noFilter, type Row, type RowFilter, rowsOf, type ShownRun, stepKey } from "./timelineRows.ts"
import { useSearch } from "./useSearch.ts"
import { useWindowed } from "./useWindowed.ts"

interface TimelineProps {
  readonly window_id: string
  readonly run: ShownRun
  /** A step that was asked for, and how often. */
  readonly asked: { readonly step: number; readonly times: number } | null
}

const rowHeight = matchMedia("(pointer: coarse)").matches ? 44 : 28

const toggled = (set: ReadonlySet<string>, key: string): ReadonlySet<string> => {
  const next = new Set(set)
  if (!next.delete(key)) next.add(key)
  return next
}

export const Timeline = ({ asked, run, window_id }: TimelineProps) => {
  const [filter, setFilter] = useState<RowFilter>(noFilter)
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set())
  const [expanded, setExpanded] = useState<ReadonlyMap<string, string>>(new Map())
  const [loaded, setLoaded] = useState<ReadonlyMap<string, LoadedChild>>(new Map())
  const [cursor, setCursor] = useState<Row | null>(null)
  const [marked, setMarked] = useState<string | null>(null)

  const onLoaded = useCallback((run_id: string, child: LoadedChild | null) => {
    setLoaded((before) => {
      const next = new Map(before)
      if (child === null) next.delete(run_id)
      else next.set(run_id, child)
      return next
    })
  }, [])

  const children = useMemo(() => new Map([...loaded].map(([id, { run: child }]) => [id, child])), [loaded])
  const rows = useMemo(() => rowsOf(run, { children, closed }, filter), [run, children, closed, filter])
  const agents = useMemo(
    () => [...new Set([run.agent, ...[...children.values()].map(({ agent }) => agent)])],
    [run.agent, children]
  )
  const ends = useMemo(
    () => new Map([run, ...children.values()].flatMap(({ steps }) => [...endsOf(steps)])),
    [run, children]
  )
  const windowed = useWindowed(rows, open, rowHeight)
  const { atEnd, end, first, flying, measure, offsetOf, scroller, showEnd, showIndex, total } = windowed

  const at = useRef({ rows, cursor, first })
  at.current = { rows, cursor, first: Math.min(rows.length - 1, first) }

  const moveTo = useCallback(
    (index: number) => {
      const row = at.current.rows[index]
      if (row === undefined) return
      setCursor(row)
      showIndex(index)
      // The keyboard goes with it, when it is in the list.
      const list = scroller.current
      if (list?.contains(document.activeElement) !== true) return
      requestAnimationFrame(() => {
        list.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"] button`)?.focus({ preventScroll: true })
      })
    },
    [scroller, showIndex]
  )

  const showKey = useCallback(
    (key: string, where: "nearest" | "top" = "nearest") => {
      const index = at.current.rows.findIndex((row) => row.key === key)
      const row = at.current.rows[index]
      if (row === undefined) return
      setCursor(row)
      showIndex(index, where)
    },
    [showIndex]
  )
  const search = useSearch(rows, showKey)
  const hits = useMemo(() => new Set(search.hits), [search.hits])

  const onToggle = useCallback((row: Row) => {
    setCursor(row)
    if (row.kind === "step") setClosed((before) => toggled(before, row.key))
    else if (row.kind === "child") {
      setExpanded((before) => {
        const next = new Map(before)
        if (!next.delete(row.child_id)) next.set(row.child_id, row.child_agent)
        return next
      })
    } else setOpen((before) => toggled(before, row.key))
  }, [])

  useEffect(() => {
    const indexOfCursor = () => at.current.rows.findIndex(({ key }) => key === at.current.cursor?.key)
    const moves: TimelineMoves = {
      row: (by) => {
        const index = indexOfCursor()
        moveTo(index < 0 ? at.current.first : Math.max(0, Math.min(at.current.rows.length - 1, index + by)))
      },
      step: (by) => {
        const { first: top, rows: all } = at.current
        const from = indexOfCursor()
        let index = (from < 0 ? top : from) + by
        while (all[index] !== undefined && all[index]?.kind !== "step") index += by
        moveTo(index)
      },
      toggle: () => {
        const row = at.current.rows[indexOfCursor()]
        if (row !== undefined) onToggle(row)
      }
    }
    return takeTimelineKeys(window_id, moves)
  }, [window_id, moveTo, onToggle])

  // A link to a step shows it, and marks it until another is asked for. What hides it is taken away first; what is not
  // there yet is waited for.
  const [wanted, setWanted] = useState<string | null>(null)
  useEffect(() => {
    if (asked === null) return
    const key = stepKey(run.run_id, asked.step)
    setFilter(noFilter)
    setMarked(key)
    setWanted(key)
  }, [asked, run.run_id])
  useLayoutEffect(() => {
    const index = wanted === null ? -1 : rows.findIndex(({ key }) => key === wanted)
    const row = rows[index]
    if (row === undefined) return
    setWanted(null)
    setCursor(row)
    showIndex(index, "top")
  }, [wanted, rows, showIndex])

  const { live } = run
  const seen = useRef(rows.length)
  const follows = useRef(false)
  follows.current = live && atEnd && wanted === null
  if (atEnd || rows.length < seen.current) seen.current = rows.length
  const unseen = live && !atEnd ? rows.length - seen.current : 0
  const length = rows.length
  useLayoutEffect(() => {
    if (length > 0 && follows.current) showEnd()
  }, [length, showEnd])

  const place: CSSProperties & Record<"--lanes", number> = {
    height: total,
    "--lanes": agents.length > 1 ? agents.length : 0
  }
  return (
    <div className={styles.timeline} data-lanes={agents.length > 1 ? "" : undefined}>
      <TimelineControls
        agents={agents}
        filter={filter}
        search={search}
        shown={rows.length}
        of={cursor}
        live={run.live}
        onFilter={setFilter}
      />
      {[...expanded].map(([run_id, agent]) => (
        <ChildRun key={run_id} run_id={run_id} agent={plainName(agent)} onLoaded={onLoaded} />
      ))}
      <div ref={scroller} className={styles.scroller}>
        {rows.length === 0 ? (
          <Empty
            icon={<ListFilter size={24} strokeWidth={1.5} />}
            title="No step fits the filter"
            action={<Button onClick={() => setFilter(noFilter)}>Show everything</Button>}
          >
            What the run does next may.
          </Empty>
        ) : (
          <ol className={styles.list} style={place} aria-label="Steps">
            {rows.slice(first, end).map((row, drawn) => {
              const index = first + drawn
              const isChild = row.kind === "child"
              const isOpen =
                row.kind === "step" ? !closed.has(row.key) : isChild ? expanded.has(row.child_id) : open.has(row.key)
              return (
                <TimelineRow
                  key={row.key}
                  row={row}
                  index={index}
                  count={rows.length}
                  offset={offsetOf(index)}
                  lane={agents.length > 1 ? agents.indexOf(row.agent) : -1}
                  open={isOpen}
                  current={cursor?.key === row.key}
                  marked={marked === row.key}
                  hit={hits.has(row.key)}
                  passing={flying}
                  status={isChild ? (ends.get(row.child_id) ?? null) : null}
                  notice={isChild ? (loaded.get(row.child_id)?.notice ?? null) : null}
                  onToggle={onToggle}
                  onMeasure={measure}
                />
              )
            })}
          </ol>
        )}
      </div>
      {unseen > 0 ? (
        <Button className={styles.pill} size="s" variant="primary" icon={<ArrowDown size={14} />} onClick={showEnd}>
          {count(unseen)} new
        </Button>
      ) : null}
    </div>
  )
}
