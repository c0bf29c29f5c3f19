/** One run: what it is for, where it stands, what it did, what it cost. */
import { ownObjective, type Props, type RunDetail } from "@choiros/protocol"
import { BookOpen, CircleDollarSign, FileQuestionMark, ListTree } from "lucide-react"
import { useEffect, useMemo, useState } from "react"
import { useStore } from "zustand"
import { RunOfCards } from "../../cards/runOfCards.ts"
import { connectionStore } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { useRunView } from "../../state/runs.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { Tabs } from "../../ui/Tabs.tsx"
import type { AppProps } from "../App.ts"
import { OfflineLine } from "../OfflineLine.tsx"
import { Unread } from "../Unread.tsx"
import { Cost } from "./Cost.tsx"
import { Needs } from "./Needs.tsx"
import { PlanPanel } from "./PlanPanel.tsx"
import styles from "./RunApp.module.css"
import { RunHeader } from "./RunHeader.tsx"
import { useRunDetail } from "./runDetail.ts"
import { factsOf } from "./runFacts.ts"
import { StoryView } from "./StoryView.tsx"
import { Timeline } from "./Timeline.tsx"
import type { ShownRun } from "./timelineRows.ts"

const views = [
  { id: "story", label: "Story", icon: <BookOpen size={14} strokeWidth={1.75} /> },
  { id: "timeline", label: "Timeline", icon: <ListTree size={14} strokeWidth={1.75} /> },
  { id: "cost", label: "Cost", icon: <CircleDollarSign size={14} strokeWidth={1.75} /> }
] as const
type View = (typeof views)[number]["id"]

const RunApp = (props: AppProps) => {
  const { run_id } = props.props
  if (typeof run_id !== "string" || run_id === "") {
    return (
      <Empty
        icon={<FileQuestionMark size={24} strokeWidth={1.5} />}
        title="No run is named"
        action={<Button onClick={() => openApp("choir")}>Open the choir</Button>}
      >
        Choose one of the runs that are listed there.
      </Empty>
    )
  }
  return <Run key={run_id} {...props} run_id={run_id} />
}
export default RunApp

/** What was asked for last: a view, a step. A step is shown in the timeline. */
const stepOf = ({ step }: Props): number | null => {
  const number = typeof step === "string" ? Number(step) : step
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : null
}

const viewOf = (props: Props): View | null =>
  views.find(({ id }) => id === props.view)?.id ?? (stepOf(props) === null ? null : "timeline")

const Run = ({ props, run_id, setTitle, window_id }: AppProps & { readonly run_id: string }) => {
  const { detail, error, read } = useRunDetail(run_id)
  const card = useStore(choirStore, ({ choir }) => choir.cards.get(run_id))
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const view = useRunView(run_id)
  const [chosen, setChosen] = useState<View>(() => viewOf(props) ?? "story")
  const [jump, setJump] = useState<{ readonly step: number; readonly times: number } | null>(null)

  const { asked } = props
  const step = stepOf(props)
  const wanted = viewOf(props)
  useEffect(() => {
    // Asked again for the same, it is shown again.
    if (asked === null) return
    if (wanted !== null) setChosen(wanted)
    if (step !== null) setJump((before) => ({ step, times: (before?.times ?? 0) + 1 }))
  }, [step, wanted, asked])

  const facts = useMemo(() => factsOf(detail, card), [detail, card])
  const agent = facts?.agent ?? null
  const objective = facts?.objective ?? null
  useEffect(() => {
    if (objective !== null) setTitle(shortened(plainName(ownObjective(objective)), 80))
  }, [objective, setTitle])

  const live = facts !== null && facts.ended_at === null
  const { shown } = view
  const run = useMemo<ShownRun>(
    () => ({ run_id, agent: agent ?? "agent", live, steps: shown }),
    [run_id, agent, live, shown]
  )

  if (facts === null) {
    if (error === null) return <Loading label="the run" />
    if (error.gone) {
      return (
        <Empty
          icon={<FileQuestionMark size={24} strokeWidth={1.5} />}
          title="There is no such run"
          action={<Button onClick={() => openApp("choir")}>Open the choir</Button>}
        >
          The log of this computer knows none by this name. It may be of another computer.
        </Empty>
      )
    }
    return <Unread title="The run can't be shown" cause={error.text} offline={error.offline} onRetry={read} />
  }

  const showStep = (step: number) => {
    setChosen("timeline")
    setJump((before) => ({ step, times: (before?.times ?? 0) + 1 }))
  }
  const unread = view.status === "failed" && shown.length === 0
  return (
    <RunOfCards value={run_id}>
      <div className={styles.run}>
        <RunHeader facts={facts} steps={shown} />
        <OfflineLine />
        <Needs run_id={run_id} />
        {detail === null ? null : <PlanPanel detail={detail} steps={shown} offline={offline} onSaved={read} />}
        {view.status === "failed" && !unread && !offline ? (
          <p className={styles.stale} role="status">
            The newest steps can't be read: {view.error}
            <Button size="s" onClick={view.retry}>
              Try again
            </Button>
          </p>
        ) : null}
        {view.partial ? (
          <p className={styles.stale} role="status">
            The latest steps; those before them are being read
          </p>
        ) : null}
        <Tabs className={styles.tabs} label="Views of the run" tabs={views} value={chosen} onChange={setChosen}>
          {chosen === "cost" ? (
            <Cost run_id={run_id} facts={facts} onStep={showStep} />
          ) : unread ? (
            <Unread title="The steps can't be shown" cause={view.error ?? ""} offline={offline} onRetry={view.retry} />
          ) : view.status === "loading" && shown.length === 0 ? (
            <Loading label="the steps" lines={8} />
          ) : chosen === "timeline" ? (
            <Timeline window_id={window_id} run={run} asked={jump} />
          ) : (
            <Story run={run} detail={detail} error={error} onRead={read} onStep={showStep} />
          )}
        </Tabs>
      </div>
    </RunOfCards>
  )
}

const Story = ({
  detail,
  error,
  onRead,
  onStep,
  run
}: {
  readonly run: ShownRun
  readonly detail: RunDetail | null
  readonly error: { readonly text: string; readonly offline: boolean } | null
  readonly onRead: () => void
  readonly onStep: (step: number) => void
}) => {
  if (detail !== null) return <StoryView run={run} facts={detail} onStep={onStep} />
  if (error === null) return <Loading label="the story" />
  return <Unread title="The story can't be shown" cause={error.text} offline={error.offline} onRetry={onRead} />
}
