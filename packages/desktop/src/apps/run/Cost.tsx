/** Tokens and money of a run: a chart of its steps, the same and more as a table, and what it may use. */
import { BudgetsReply, type UsageLine, UsageReply } from "@choiros/protocol"
import { CircleDollarSign } from "lucide-react"
import { useCallback, useEffect, useMemo, useState } from "react"
import { useStore } from "zustand"
import { ApiError, get, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { onEvents } from "../../state/listeners.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { count, money, tokens } from "../../ui/format.ts"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { Progress } from "../../ui/Progress.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { Stat } from "../../ui/Stat.tsx"
import { Unread } from "../Unread.tsx"
import { budgetLines } from "./budget.ts"
import styles from "./Cost.module.css"
import { type CostGroup, type CostRow, costRows, seriesOf } from "./cost.ts"
import type { RunFacts } from "./runFacts.ts"

const CostChart = late(() => import("./CostChart.tsx"))

const groups: ReadonlyArray<{ readonly value: CostGroup; readonly label: string }> = [
  { value: "step", label: "Steps" },
  { value: "model", label: "Models" },
  { value: "agent", label: "Agents" },
  { value: "run", label: "Runs" }
]

/** Rows of the table at first. */
const few = 100
/** Milliseconds between two readings. */
const every = 2_000

type Usage = typeof UsageReply.Type
interface Read {
  readonly by: CostGroup
  readonly steps: Usage
  readonly lines: ReadonlyArray<UsageLine>
  readonly reserved: { readonly tokens: number; readonly usd: number } | null
}

const readCost = async (run_id: string, by: CostGroup, live: boolean, agent: string): Promise<Read> => {
  const [steps, grouped, budgets] = await Promise.all([
    get("/usage", UsageReply, { by: "step", run_id }),
    by === "step" ? null : get("/usage", UsageReply, { by, run_id }),
    live ? get("/budgets", BudgetsReply) : null
  ])
  const line = budgets?.today.find(({ scope, subject }) => scope === "agent" && subject === agent)
  return { by, steps, lines: (grouped ?? steps).lines, reserved: line?.reserved ?? null }
}

/** Read again when a model's call in the run or below it has ended. */
const useCost = (run_id: string, by: CostGroup, live: boolean, agent: string) => {
  const [read, setRead] = useState<Read | null>(null)
  const [error, setError] = useState<{ readonly text: string; readonly offline: boolean } | null>(null)
  const [times, setTimes] = useState(0)
  const retry = useCallback(() => setTimes((before) => before + 1), [])
  // What was not heard meanwhile has cost something, too.
  useEffect(() => onLive(retry), [retry])
  useEffect(() => {
    let left = false
    if (times >= 0) {
      readCost(run_id, by, live, agent)
        .then((next) => {
          if (left) return
          setRead(next)
          setError(null)
        })
        .catch((cause: unknown) => {
          if (left) return
          setError({ text: inWords(cause), offline: cause instanceof ApiError && cause.status === 0 })
        })
    }
    return () => {
      left = true
    }
  }, [run_id, by, live, agent, times])
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = onEvents((batch) => {
      if (timer !== undefined || !batch.some(({ event_type }) => event_type === "model.call_ended")) return
      timer = setTimeout(() => {
        timer = undefined
        retry()
      }, every)
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [retry])
  return { read, error, retry }
}

export const Cost = ({
  run_id,
  facts,
  onStep
}: {
  readonly run_id: string
  readonly facts: RunFacts
  readonly onStep: (step: number) => void
}) => {
  const [by, setBy] = useState<CostGroup>("step")
  const { error, read, retry } = useCost(run_id, by, facts.ended_at === null, facts.agent)
  const cards = useStore(choirStore, ({ choir }) => choir.cards)
  const series = useMemo(
    () => (read === null ? null : seriesOf(costRows("step", read.steps.lines, run_id, new Map()))),
    [read, run_id]
  )
  const rows = useMemo(() => (read === null ? [] : costRows(read.by, read.lines, run_id, cards)), [read, run_id, cards])
  if (read === null || series === null) {
    if (error === null) return <Loading label="what it cost" />
    const { offline, text } = error
    return <Unread title="What it cost can't be shown" cause={text} offline={offline} onRetry={retry} />
  }
  const { total } = read.steps
  if (total.calls === 0) {
    return (
      <Empty icon={<CircleDollarSign size={24} strokeWidth={1.5} />} title="It has cost nothing yet">
        What each call to a model has used stands here as soon as one has ended.
      </Empty>
    )
  }
  const priced = total.calls > total.unpriced_calls
  return (
    <div className={styles.cost}>
      <div className={styles.stats}>
        <Stat
          label="Cost"
          value={priced ? money(total.usd) : "Not known"}
          hint={total.unpriced_calls === 0 ? undefined : `${count(total.unpriced_calls)} calls without a known price`}
        />
        <Stat
          label="Tokens"
          value={tokens(total.tokens)}
          hint={total.estimated_calls === 0 ? undefined : "Partly estimated"}
        />
        <Stat label="Calls" value={count(total.calls)} />
        <Stat label="From the cache" value={shareOf(total.cached_tokens, total.input_tokens)} />
      </div>
      <Budgets facts={facts} reserved={read.reserved} />
      {series.x.length === 0 || (total.tokens === 0 && total.usd === 0) ? null : (
        <figure className={styles.figure}>
          <figcaption className={styles.legend}>
            <span data-of="input">Input</span>
            <span data-of="cached">From the cache</span>
            <span data-of="output">Output</span>
            {priced ? <span data-of="usd">Cost so far</span> : null}
            <span className={styles.axis}>by step of this run</span>
          </figcaption>
          <Waiting fallback={<div className={styles.pending} />}>
            <CostChart series={series} priced={priced} />
          </Waiting>
        </figure>
      )}
      <SegmentedControl label="Grouped by" options={groups} value={by} onChange={setBy} />
      <Table rows={rows} by={read.by} run_id={run_id} onStep={onStep} />
      {error === null || error.offline ? null : (
        <p className={styles.stale} role="status">
          It could not be read again: {error.text}.
          <Button size="s" variant="ghost" onClick={retry}>
            Try again
          </Button>
        </p>
      )}
      <p className={styles.note}>
        With the runs below it. Prices are of {read.steps.prices_date}
        {total.estimated_calls === 0
          ? ""
          : "; calls whose provider told nothing count as the most that they may have used"}
        .
      </p>
    </div>
  )
}

const shareOf = (part: number, whole: number): string => (whole === 0 ? "0%" : `${Math.round((100 * part) / whole)}%`)

const Budgets = ({ facts, reserved }: { readonly facts: RunFacts; readonly reserved: Read["reserved"] }) => {
  const lines = budgetLines(facts.budget, facts)
  const isReserved = reserved !== null && (reserved.tokens > 0 || reserved.usd > 0)
  if (lines.length === 0 && !isReserved) return <p className={styles.note}>The run has no budget of its own.</p>
  return (
    <div className={styles.budgets}>
      {lines.map(({ kind, label, max, tone, used }) => (
        <div key={kind} className={styles.budget}>
          <span>{label}</span>
          <Progress label={label} value={used} max={max} tone={tone} />
        </div>
      ))}
      {isReserved ? (
        <p className={styles.note}>
          Calls in flight of {plainName(facts.agent)} have reserved {tokens(reserved.tokens)} tokens
          {reserved.usd > 0 ? ` and ${money(reserved.usd)}` : ""} at most.
        </p>
      ) : null}
    </div>
  )
}

const heads: Readonly<Record<CostGroup, string>> = { step: "Step", model: "Model", agent: "Agent", run: "Run" }

const Table = ({
  by,
  rows,
  run_id,
  onStep
}: {
  readonly by: CostGroup
  readonly rows: ReadonlyArray<CostRow>
  readonly run_id: string
  readonly onStep: (step: number) => void
}) => {
  const [most, setMost] = useState(few)
  const left = rows.length - most
  return (
    <>
      {/* Narrow windows scroll it sideways. */}
      <section className={styles.scroller} aria-label="Usage">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{heads[by]}</th>
              <th scope="col">Calls</th>
              <th scope="col">Input</th>
              <th scope="col">From the cache</th>
              <th scope="col">Output</th>
              <th scope="col">Cost</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most).map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  <Name row={row} by={by} run_id={run_id} onStep={onStep} />
                </th>
                <td>{count(row.calls)}</td>
                <td>{count(row.input)}</td>
                <td>{count(row.cached)}</td>
                <td>{count(row.output)}</td>
                <td>{row.unpriced === row.calls && row.calls > 0 ? "Not known" : money(row.usd)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {left > 0 ? (
        <Button size="s" onClick={() => setMost(most + 10 * few)}>
          Show more ({count(left)})
        </Button>
      ) : null}
    </>
  )
}

const Name = ({
  by,
  row,
  run_id,
  onStep
}: {
  readonly by: CostGroup
  readonly row: CostRow
  readonly run_id: string
  readonly onStep: (step: number) => void
}) => {
  const { step, run_id: of } = row
  const label = shortened(plainName(row.label), 90)
  if (by === "step" && step !== null) {
    return (
      <button type="button" className={styles.link} onClick={() => onStep(step)}>
        {label}
      </button>
    )
  }
  if (by === "run" && of !== null && of !== run_id) {
    return (
      <button type="button" className={styles.link} onClick={() => openApp("run", { run_id: of })}>
        {label}
      </button>
    )
  }
  return (
    <span className={styles.name}>
      {by === "agent" ? <AgentMark name={row.label} size={14} /> : null}
      {label}
    </span>
  )
}
