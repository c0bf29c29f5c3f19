/** A run as a story. */
import type { Evidence } from "@choiros/protocol"
import { BookOpen, CircleAlert, CircleCheck, ExternalLink, FlaskConical, Gavel, Hand, ListCollapse } from "lucide-react"
import { memo, type ReactNode, useDeferredValue, useMemo, useState } from "react"
import { ToolCard } from "../../cards/ToolCard.tsx"
import { useWorkPhase } from "../../cards/workPhase.ts"
import { Diff } from "../../content/Diff.tsx"
import { DiffCounts } from "../../content/DiffCounts.tsx"
import { Markdown } from "../../content/Markdown.tsx"
import { plainName } from "../../content/plainText.ts"
import { openFile } from "../../state/openFile.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { Empty } from "../../ui/Empty.tsx"
import { clockTime, count, duration } from "../../ui/format.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { openTarget } from "./openTarget.ts"
import styles from "./StoryView.module.css"
import { durationOf, type StoryItem, type StoryOf, type StoryPhase, storyOf } from "./story.ts"
import type { ShownRun } from "./timelineRows.ts"

/** Phases that are drawn at first: the last ones. */
const drawn = 60

export const StoryView = ({
  run,
  facts,
  onStep
}: {
  readonly run: ShownRun
  readonly facts: StoryOf
  readonly onStep: (step: number) => void
}) => {
  const steps = useDeferredValue(run.steps)
  const [most, setMost] = useState(drawn)
  const { answer, earlier, evidence, phases } = useMemo(() => storyOf(steps, facts, most), [steps, facts, most])
  if (phases.length === 0 && answer === null) {
    return (
      <Empty
        icon={<BookOpen size={24} strokeWidth={1.5} />}
        title={run.live ? "Nothing to tell yet" : "Nothing was done"}
      >
        {run.live
          ? "The first phase stands here as soon as the agent says or does something."
          : "The run ended before its first step."}
      </Empty>
    )
  }
  return (
    <div className={styles.story}>
      {earlier === 0 ? null : (
        <Button size="s" className={styles.earlier} onClick={() => setMost(most + 4 * drawn)}>
          Show earlier phases ({count(earlier)})
        </Button>
      )}
      <ol className={styles.phases}>
        {phases.map((phase) => (
          <Phase key={phase.id} phase={phase} live={run.live} onStep={onStep} />
        ))}
      </ol>
      {answer === null ? null : (
        <section className={styles.answer} aria-label="Answer">
          <h4 className={styles.label}>Answer</h4>
          <Markdown text={answer} onOpenFile={openFile} />
        </section>
      )}
      {evidence === null ? null : <EvidenceOf evidence={evidence} />}
    </div>
  )
}

interface PhaseProps {
  readonly phase: StoryPhase
  readonly live: boolean
  readonly onStep: (step: number) => void
}

const Phase = memo(({ live, onStep, phase }: PhaseProps) => {
  const { ended_at, heading, items, started_at, words, work } = phase
  const run_id = work?.run_id ?? null
  const status = useWorkPhase(run_id, phase.status)
  return (
    <li className={styles.phase} data-status={status}>
      <span className={styles.mark}>
        <StateIcon phase={status} />
      </span>
      <div className={styles.content}>
        <div className={styles.head}>
          <h4 className={styles.heading}>{heading}</h4>
          {started_at === null ? null : (
            <span className={styles.when}>
              <time dateTime={started_at}>{clockTime(started_at)}</time>
              {ended_at === null ? null : <span>{duration(Date.parse(ended_at) - Date.parse(started_at))}</span>}
            </span>
          )}
        </div>
        {work === null ? null : (
          <p className={styles.work}>
            <AgentMark name={work.agent} size={14} />
            {plainName(work.agent)}
            {run_id === null ? null : (
              <Button
                size="s"
                variant="ghost"
                icon={<ExternalLink size={14} strokeWidth={1.75} />}
                onClick={() => openApp("run", { run_id })}
              >
                Open the run
              </Button>
            )}
          </p>
        )}
        {words === "" ? null : <p className={styles.words}>{words}</p>}
        {items.length === 0 ? null : (
          <ul className={styles.items}>
            {items.map((item) => (
              <li key={`${item.kind} ${item.key}`}>
                <Item item={item} live={live} onStep={onStep} />
              </li>
            ))}
          </ul>
        )}
      </div>
    </li>
  )
})
Phase.displayName = "Phase"

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

const Item = ({
  item,
  live,
  onStep
}: {
  readonly item: StoryItem
  readonly live: boolean
  readonly onStep: (step: number) => void
}) => {
  switch (item.kind) {
    case "artifact":
      return <ToolCard tool={item.tool} live={live} dense onOpen={openTarget} />
    case "check":
      return (
        <div className={styles.check}>
          <FlaskConical {...icon} className={styles.icon} />
          <ToolCard tool={item.tool} live={live} dense onOpen={openTarget} />
        </div>
      )
    case "decision":
      return <Line icon={<Gavel {...icon} />} text={item.text} item={item} onStep={onStep} />
    case "need":
      return <Line icon={<Hand {...icon} />} text={item.text} item={item} onStep={onStep} tone="waiting" />
    case "finding":
      return <Line icon={<CircleAlert {...icon} />} text={item.text} item={item} onStep={onStep} tone="failed" />
    case "calls":
      return <Calls item={item} live={live} />
  }
}

const kindWords: Readonly<Record<StoryItem["kind"], string>> = {
  decision: "Decision",
  finding: "Finding",
  artifact: "File",
  check: "Check",
  need: "Needs you",
  calls: "Work"
}

const Line = ({
  icon: mark,
  item,
  onStep,
  text,
  tone
}: {
  readonly icon: ReactNode
  readonly text: string
  readonly item: StoryItem
  readonly onStep: (step: number) => void
  readonly tone?: "waiting" | "failed"
}) => (
  <button
    type="button"
    className={classes(styles.line, tone === undefined ? null : styles[tone])}
    title={`Show step ${item.step} in the timeline`}
    onClick={() => onStep(item.step)}
  >
    <span className={styles.icon}>{mark}</span>
    <span className={styles.text}>
      <span className="visually-hidden">{kindWords[item.kind]}: </span>
      {text}
    </span>
  </button>
)

const Calls = ({ item, live }: { readonly item: Extract<StoryItem, { kind: "calls" }>; readonly live: boolean }) => {
  const [open, setOpen] = useState(false)
  const [only] = item.tools
  if (item.tools.length === 1 && only !== undefined)
    return <ToolCard tool={only} live={live} dense onOpen={openTarget} />
  const took = durationOf(item.tools)
  return (
    <>
      <button
        type="button"
        className={classes(styles.line, styles.folded)}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={styles.icon}>
          <ListCollapse {...icon} />
        </span>
        <span className={styles.text}>
          {item.words}
          {took === null ? "" : `, ${duration(took)}`}
        </span>
      </button>
      {open ? (
        <div className={styles.inside}>
          {item.tools.map((tool) => (
            <ToolCard key={tool.asked.call_id} tool={tool} live={live} dense onOpen={openTarget} />
          ))}
        </div>
      ) : null}
    </>
  )
}

const EvidenceOf = ({ evidence: { commands, diff, files, tests } }: { readonly evidence: Evidence }) => {
  const [whole, setWhole] = useState(false)
  if (files.length === 0 && commands.length === 0 && tests === null && diff === null) return null
  return (
    <section className={styles.evidence} aria-label="Evidence">
      <h4 className={styles.label}>What the record shows</h4>
      {tests === null ? null : (
        <p className={styles.fact}>
          {tests.passed ? (
            <CircleCheck {...icon} className={styles.passed} />
          ) : (
            <CircleAlert {...icon} className={styles.broken} />
          )}
          {tests.passed ? "Tests passed: " : "Tests failed: "}
          <code>{plainName(tests.command)}</code>
        </p>
      )}
      {files.length === 0 ? null : (
        <ul className={styles.files}>
          {files.map(({ added, path, removed }) => (
            <li key={path}>
              <button type="button" className={styles.file} onClick={() => openFile(path)}>
                {plainName(path)}
              </button>
              {added === null || removed === null ? null : <DiffCounts added={added} removed={removed} />}
            </li>
          ))}
        </ul>
      )}
      {commands.length === 0 ? null : (
        <ul className={styles.files}>
          {numbered(commands.slice(0, 50)).map(({ command, exit_code, nth }) => (
            <li key={`${nth} ${command}`}>
              <code className={styles.command}>$ {plainName(command)}</code>
              <Badge tone={exit_code === 0 ? "success" : exit_code === null ? "neutral" : "danger"}>
                {exit_code === null ? "no exit code" : `exit ${exit_code}`}
              </Badge>
            </li>
          ))}
        </ul>
      )}
      {commands.length > 50 ? (
        <p className={styles.more}>And {count(commands.length - 50)} commands more, in the timeline.</p>
      ) : null}
      {diff === null || diff === "" ? null : (
        <>
          <Button size="s" className={styles.changes} aria-expanded={whole} onClick={() => setWhole(!whole)}>
            {whole ? "Hide the changes" : "Show the changes"}
          </Button>
          {whole ? <Diff patch={diff} /> : null}
        </>
      )}
    </section>
  )
}

/** The same command may be there several times: told apart by which time it is. */
const numbered = (commands: Evidence["commands"]) => {
  const times = new Map<string, number>()
  return commands.map((one) => {
    const nth = (times.get(one.command) ?? 0) + 1
    times.set(one.command, nth)
    return { ...one, nth }
  })
}
