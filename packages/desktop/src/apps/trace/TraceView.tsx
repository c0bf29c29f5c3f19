import { ArrowLeft, ChartBarStacked, Clock, Grid3x3, ListChecks, Waypoints } from "lucide-react"
import { memo, type ReactNode, useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { plainName, shortened } from "../../content/plainText.ts"
import { useRunView } from "../../state/runs.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { counted, duration, money, tokens } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { late, Waiting } from "../../ui/Late.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { SplitPane } from "../../ui/SplitPane.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { elapsed } from "../choir/room.ts"
import { useDown, useLiveNow } from "../choir/useLive.ts"
import { useWidth } from "../choir/useWidth.ts"
import { openRun } from "../choir/verbs.ts"
import { OfflineLine } from "../OfflineLine.tsx"
import { Unread } from "../Unread.tsx"
import { StepGrid, stepAt } from "./StepGrid.tsx"
import type { Selection } from "./selection.ts"
import { outcomeWords, stepKindWords, stepLook, stepTime } from "./stepLook.ts"
import { TimeBars } from "./TimeBars.tsx"
import { Tokens } from "./Tokens.tsx"
import styles from "./Trace.module.css"
import { makeTraceStore, type RunSteps, type TraceStore } from "./traceStore.ts"
import type { TreeRow } from "./tree.ts"
import { useTree } from "./useTree.ts"

const Graph = late(() => import("./Graph.tsx"))

interface TraceViewProps {
  readonly run_id: string
  readonly step: number | null
  readonly visible: boolean
  readonly setTitle: (title: string) => void
  /** Null where the window is for this run alone. */
  readonly onBack: (() => void) | null
}

type Pane = "graph" | "steps" | "time" | "tokens"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const
const panes = [
  { value: "steps", label: "Steps", icon: <Grid3x3 {...icon} /> },
  { value: "time", label: "Time", icon: <Clock {...icon} /> },
  { value: "tokens", label: "Tokens", icon: <ChartBarStacked {...icon} /> }
] as const
const withGraph = [{ value: "graph", label: "Graph", icon: <Waypoints {...icon} /> }, ...panes] as const

/** Pixels from which the graph stands beside the rest. */
const wide = 820

export const TraceView = ({ run_id, step, visible, setTitle, onBack }: TraceViewProps) => {
  const tree = useTree(run_id, visible)
  const [trace] = useState(makeTraceStore)
  useEffect(() => trace.stop, [trace])
  const runs = useStore(trace.store, (state) => state.runs)
  const down = useDown(tree.rows.length > 0)
  const [selected, setSelected] = useState<Selection>({ run_id, step })
  const [asked, setAsked] = useState(step)
  if (asked !== step) {
    setAsked(step)
    setSelected({ run_id, step })
  }
  const [pointed, setPointed] = useState<Selection | null>(null)
  const [pane, setPane] = useState<Pane>("steps")
  const frame = useRef<HTMLDivElement>(null)
  const isWide = useWidth(frame) >= wide
  const isLive = tree.rows.some(({ card }) => card.ended_at === null)
  const now = useLiveNow(isLive && visible ? 1_000 : 60_000)
  const open = useCallback(
    (at: Selection) => openRun({ run_id: at.run_id }, at.step === null ? undefined : at.step),
    []
  )
  const root = tree.rows[0]?.card
  const title = root === undefined ? "Trace" : `Trace: ${shortened(plainName(root.objective), 60)}`
  useEffect(() => setTitle(title), [setTitle, title])

  const view = (chosen: Pane): ReactNode => {
    switch (chosen) {
      case "graph":
        return (
          <Waiting fallback={<Loading label="the graph" />}>
            <Graph rows={tree.rows} selected={selected} now={now} onSelect={setSelected} onOpen={open} />
          </Waiting>
        )
      case "steps":
        return (
          <StepGrid
            rows={tree.rows}
            runs={runs}
            selected={selected}
            onSelect={setSelected}
            onOpen={open}
            onPoint={setPointed}
          />
        )
      case "time":
        return (
          <TimeBars rows={tree.rows} runs={runs} selected={selected} now={now} onSelect={setSelected} onOpen={open} />
        )
      case "tokens":
        return (
          <Tokens
            rows={tree.rows}
            runs={runs}
            selected={selected}
            onSelect={setSelected}
            onOpen={open}
            onPoint={setPointed}
          />
        )
    }
  }

  if (root === undefined || tree.status === "missing") return <div className={styles.trace}>{standIn(tree, down)}</div>
  const shown = isWide && pane === "graph" ? "steps" : pane
  const right = (
    <div className={styles.pane}>
      <div className={styles.tabs}>
        <SegmentedControl
          label="What to look at"
          options={isWide ? panes : withGraph}
          value={shown}
          onChange={setPane}
        />
      </div>
      <div className={styles.view}>{view(shown)}</div>
    </div>
  )
  return (
    <div ref={frame} className={styles.trace}>
      {visible && tree.rows.map(({ card }) => <Feed key={card.run_id} run_id={card.run_id} trace={trace} />)}
      <Head rows={tree.rows} now={now} onBack={onBack} />
      {tree.status === "failed" && !tree.offline && (
        <p className={styles.stale} role="status">
          Only a part of the tree is shown: {tree.error}.
          <Button size="s" variant="ghost" onClick={tree.retry}>
            Try again
          </Button>
        </p>
      )}
      <OfflineLine />
      <div className={styles.body}>
        {isWide ? (
          <SplitPane
            storageKey="trace"
            label="Resize the graph"
            initial={Math.round(wide * 0.5)}
            min={240}
            first={view("graph")}
            second={right}
          />
        ) : (
          right
        )}
      </div>
      <Detail rows={tree.rows} runs={runs} at={pointed ?? selected} now={now} onOpen={open} />
    </div>
  )
}

const standIn = ({ error, offline, retry, status }: ReturnType<typeof useTree>, down: boolean): ReactNode => {
  if (status === "missing") {
    return (
      <Empty title="There is no such run" action={<Button onClick={() => openApp("trace")}>Choose another run</Button>}>
        It may have been of another computer, or of a log that is gone.
      </Empty>
    )
  }
  if (down || status === "failed")
    return <Unread title="The run could not be read" cause={error ?? ""} offline={down || offline} onRetry={retry} />
  return <Loading label="the run" lines={6} />
}

/** Reads one run, and goes on with it as it does. */
const Feed = memo(({ run_id, trace }: { readonly run_id: string; readonly trace: TraceStore }) => {
  const { error, retry, shown, status } = useRunView(run_id)
  useEffect(
    () => trace.put(run_id, { status, error, steps: shown, retry }),
    [trace, run_id, status, error, shown, retry]
  )
  return null
})

interface HeadProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly now: number
  readonly onBack: (() => void) | null
}

const Head = ({ rows, now, onBack }: HeadProps) => {
  const root = rows[0]?.card
  if (root === undefined) return null
  const sum = (pick: (row: TreeRow) => number) => rows.reduce((all, row) => all + pick(row), 0)
  const cost = sum(({ card }) => card.spent.cost)
  return (
    <header className={styles.head}>
      {onBack !== null && <IconButton label="Choose another run" icon={<ArrowLeft {...icon} />} onClick={onBack} />}
      <StateIcon phase={root.phase} />
      <h2 className={styles.title}>{plainName(root.objective)}</h2>
      <p className={styles.facts}>
        <span>{counted(rows.length, "run")}</span>
        <span>
          {counted(
            sum(({ card }) => card.steps),
            "step"
          )}
        </span>
        <span>{tokens(sum(({ card }) => card.spent.tokens))} tokens</span>
        {cost > 0 && <span>{money(cost)}</span>}
        <span>{duration(elapsed(root, now))}</span>
      </p>
    </header>
  )
}

interface DetailProps {
  readonly rows: ReadonlyArray<TreeRow>
  readonly runs: ReadonlyMap<string, RunSteps>
  readonly at: Selection
  readonly now: number
  readonly onOpen: (selection: Selection) => void
}

/** What is pointed at, else what is selected, in words. */
const Detail = ({ rows, runs, at, now, onOpen }: DetailProps) => {
  const card = rows.find((row) => row.card.run_id === at.run_id)?.card
  const step = at.step === null ? undefined : stepAt(runs.get(at.run_id), at.step)
  if (card === undefined) return null
  const parts =
    step === undefined
      ? [
          phaseWords[card.phase].label,
          counted(card.steps, "step"),
          duration(elapsed(card, now)),
          plainName(card.objective)
        ]
      : stepWords(step, now)
  return (
    <footer className={styles.detail}>
      <p className={styles.words}>
        <strong>
          {plainName(card.agent)}
          {step !== undefined && `, step ${step.step}`}
        </strong>
        {parts.map((part) => (
          <span key={part}>{part}</span>
        ))}
      </p>
      <Button size="s" icon={<ListChecks {...icon} size={14} />} onClick={() => onOpen(at)}>
        {step === undefined ? "Open the run" : "Open the step"}
      </Button>
    </footer>
  )
}

const stepWords = (step: Parameters<typeof stepLook>[0], now: number): ReadonlyArray<string> => {
  const { cost, kind, outcome, tokens: used, tools } = stepLook(step)
  const cached = used.cached > 0 ? ` (${tokens(used.cached)} cached)` : ""
  return [
    `${tools === "" ? stepKindWords[kind] : tools}: ${outcomeWords[outcome]}`,
    duration(stepTime(step) ?? now - Date.parse(step.started_at)),
    `${tokens(used.input)} in${cached}, ${tokens(used.output)} out`,
    ...(cost === null ? [] : [money(cost)])
  ]
}
