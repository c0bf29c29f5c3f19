/** A row of a timeline: one line, and when it is open what is behind it. */
import { ownObjective, type RunPhase } from "@choiros/protocol"
import { Bot, ChevronRight, ExternalLink, MessageSquareText, User } from "lucide-react"
import { type CSSProperties, memo, type ReactNode, useEffect, useRef } from "react"
import { ApprovalLine } from "../../cards/ApprovalLine.tsx"
import { CallStateMark } from "../../cards/CallStateMark.tsx"
import { ErrorCard } from "../../cards/ErrorCard.tsx"
import { MessageCard } from "../../cards/MessageCard.tsx"
import { noteWords } from "../../cards/noteWords.ts"
import { RunOfCards } from "../../cards/runOfCards.ts"
import { ThinkingCard } from "../../cards/ThinkingCard.tsx"
import { ToolBody } from "../../cards/ToolBody.tsx"
import { callState, kindOf, stateWords, verbOf } from "../../cards/toolCalls.ts"
import { toolIcons } from "../../cards/toolIcons.ts"
import { toldPhases, useWorkPhase } from "../../cards/workPhase.ts"
import { AnsiText } from "../../content/AnsiText.tsx"
import { DiffCounts } from "../../content/DiffCounts.tsx"
import { countsOfDiff } from "../../content/diffLines.ts"
import { JsonView } from "../../content/JsonView.tsx"
import { Markdown } from "../../content/Markdown.tsx"
import { plainName, shortened } from "../../content/plainText.ts"
import { openFile } from "../../state/openFile.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { clockTime, count, duration, money, tokens } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { openTarget } from "./openTarget.ts"
import styles from "./TimelineRow.module.css"
import { type ChildRow, field, type Row, totalsOf } from "./timelineRows.ts"

interface TimelineRowProps {
  readonly row: Row
  readonly index: number
  readonly count: number
  readonly offset: number
  /** Below 0: there is but one. */
  readonly lane: number
  readonly open: boolean
  readonly current: boolean
  readonly marked: boolean
  readonly hit: boolean
  /** It flies past, and its words alone are drawn. */
  readonly passing: boolean
  /** How the work of a run below ended; null where it has not, or it is none. */
  readonly status: ChildRow["status"] | null
  /** Of a run below that is being read, or can't be. */
  readonly notice: string | null
  readonly onToggle: (row: Row, index: number) => void
  readonly onMeasure: (key: string, height: number) => void
}

export const TimelineRow = memo(
  ({
    count: all,
    current,
    hit,
    index,
    lane,
    marked,
    notice,
    offset,
    onMeasure,
    onToggle,
    open,
    passing,
    row,
    status
  }: TimelineRowProps) => {
    const element = useRef<HTMLLIElement>(null)
    const bodied = open && row.kind !== "step" && row.kind !== "child"
    useEffect(() => {
      const item = element.current
      if (item === null || !bodied) return
      const observer = new ResizeObserver(() => onMeasure(row.key, item.offsetHeight))
      observer.observe(item)
      return () => observer.disconnect()
    }, [bodied, row.key, onMeasure])
    const { at, icon, right, words } = lineOf(row, status)
    const place: CSSProperties & Record<"--depth" | "--lane", number> = {
      transform: `translateY(${offset}px)`,
      "--depth": row.depth,
      "--lane": lane
    }
    return (
      <li
        ref={element}
        className={classes(styles.row, styles[row.kind], row.failed && styles.failed, passing && styles.passing)}
        style={place}
        aria-setsize={all}
        aria-posinset={index + 1}
        data-row={row.key}
        data-current={current ? "" : undefined}
        data-marked={marked ? "" : undefined}
        data-hit={hit ? "" : undefined}
      >
        <div className={styles.line}>
          {lane < 0 || passing ? null : (
            <span className={styles.lane}>
              <AgentMark name={row.agent} size={10} />
            </span>
          )}
          <button
            type="button"
            className={styles.head}
            aria-expanded={open}
            aria-current={current ? "true" : undefined}
            tabIndex={current || (index === 0 && !current) ? 0 : -1}
            onClick={() => onToggle(row, index)}
          >
            {passing ? null : (
              <ChevronRight
                className={classes(styles.chevron, open && styles.turned)}
                size={14}
                strokeWidth={1.75}
                aria-hidden="true"
              />
            )}
            {passing ? null : icon}
            <span className={styles.words}>{words}</span>
            {passing ? null : (
              <span className={styles.right}>
                {notice === null ? right : <span>{notice}</span>}
                <time className={styles.time} dateTime={at}>
                  {clockTime(at, true)}
                </time>
              </span>
            )}
          </button>
          {row.kind === "child" && !passing ? (
            <IconButton
              size="s"
              label={`Open the run of ${plainName(row.child_agent)}`}
              icon={<ExternalLink size={14} strokeWidth={1.75} />}
              onClick={() => openApp("run", { run_id: row.child_id })}
            />
          ) : null}
        </div>
        {bodied ? (
          <div className={styles.body}>
            <RowBody row={row} />
          </div>
        ) : null}
      </li>
    )
  }
)
TimelineRow.displayName = "TimelineRow"

interface Line {
  readonly icon: ReactNode
  readonly words: ReactNode
  readonly right: ReactNode
  readonly at: string
}

const lineIcon = { className: styles.icon, size: 14, strokeWidth: 1.75, "aria-hidden": true } as const
/** Characters of a line. */
const longest = 240

const lineOf = (row: Row, status: ChildRow["status"] | null): Line => {
  switch (row.kind) {
    case "step":
      return stepLine(row)
    case "message": {
      const { from, text } = row.message
      const isUser = from === "user"
      return {
        icon: isUser ? <User {...lineIcon} /> : <Bot {...lineIcon} />,
        words: (
          <>
            <span className={styles.lead}>{isUser ? "You" : plainName(from)}:</span> {oneLine(text)}
          </>
        ),
        right: null,
        at: row.at
      }
    }
    case "model":
      return modelLine(row)
    case "tool":
      return toolLine(row)
    case "child":
      return {
        icon: <AgentMark name={row.child_agent} size={14} />,
        words: (
          <>
            <span className={styles.lead}>{plainName(row.child_agent)}:</span> {oneLine(ownObjective(row.objective))}
          </>
        ),
        right: <ChildState run_id={row.child_id} otherwise={toldPhases[status ?? row.status]} />,
        at: row.at
      }
    case "note": {
      const words = noteWords(row.note)
      return {
        icon: <span className={classes(styles.dot, words === null ? null : styles[words.tone])} aria-hidden="true" />,
        words: words === null ? <code>{plainName(row.note.type)}</code> : words.text,
        right: null,
        at: row.note.at
      }
    }
  }
}

const ChildState = ({ otherwise, run_id }: { readonly otherwise: RunPhase; readonly run_id: string }) => (
  <StateIcon phase={useWorkPhase(run_id, otherwise)} size={14} />
)

const oneLine = (text: string): string => {
  const line = text
    .slice(0, 4 * longest)
    .replace(/[#>*`\s]+/g, " ")
    .trim()
  return line === "" ? "" : shortened(plainName(line), longest)
}

const stepLine = ({ of, step }: Extract<Row, { kind: "step" }>): Line => {
  const totals = totalsOf(of)
  return {
    icon: null,
    words: (
      <>
        <span className={styles.step}>{step === 0 ? "Before the first step" : `Step ${count(step)}`}</span>
        {totals.model === null ? null : <span className={styles.faint}> {plainName(totals.model)}</span>}
      </>
    ),
    right: (
      <>
        {totals.tokens === null || totals.tokens === 0 ? null : <span>{tokens(totals.tokens)} tokens</span>}
        {totals.cost === null || totals.cost === 0 ? null : <span>{money(totals.cost)}</span>}
        {totals.duration_ms === null ? null : <span className={styles.took}>{duration(totals.duration_ms)}</span>}
      </>
    ),
    at: of.started_at
  }
}

const modelLine = ({ call }: Extract<Row, { kind: "model" }>): Line => {
  const said = oneLine(call.text)
  const words =
    call.error !== null
      ? `The model did not answer: ${oneLine(call.error.message)}`
      : said !== ""
        ? said
        : call.ended_at === null
          ? "Thinking"
          : call.reasoning !== ""
            ? `Thought: ${oneLine(call.reasoning)}`
            : call.purpose === "compaction"
              ? "Summed up what came before"
              : "Asked for tools without a word"
  return {
    icon: <MessageSquareText {...lineIcon} />,
    words: <span className={said === "" ? styles.faint : undefined}>{words}</span>,
    right: (
      <>
        {call.attempt > 1 ? <span>try {call.attempt}</span> : null}
        {call.output_tokens === null || call.output_tokens === 0 ? null : <span>{tokens(call.output_tokens)} out</span>}
        {call.ended_at === null ? <Elapsed since={call.started_at} /> : null}
        {call.duration_ms === null ? null : <span className={styles.took}>{duration(call.duration_ms)}</span>}
      </>
    ),
    at: call.started_at
  }
}

const toolLine = ({ live, tool }: Extract<Row, { kind: "tool" }>): Line => {
  const state = callState(tool, live)
  const kind = kindOf(tool)
  const { object, verb } = verbOf(tool, state)
  const Icon = toolIcons[kind]
  const { result } = tool
  return {
    icon: <Icon {...lineIcon} />,
    words:
      tool.asked.tool_name === "bash" ? (
        <code>
          <span className={styles.faint}>$ </span>
          {object}
        </code>
      ) : (
        <>
          <span className={styles.faint}>{verb}</span> {object}
        </>
      ),
    right: (
      <>
        {result?.diff === undefined || result.diff === "" ? null : <DiffCounts {...countsOfDiff(result.diff)} />}
        {typeof result?.exit_code === "number" && result.exit_code !== 0 ? <span>exit {result.exit_code}</span> : null}
        {state === "done" || state === "running" || state === "failed" ? null : <span>{stateWords[state]}</span>}
        <CallStateMark state={state} />
        {state === "running" && tool.started_at !== null ? <Elapsed since={tool.started_at} /> : null}
        {typeof result?.duration_ms === "number" ? (
          <span className={styles.took}>{duration(result.duration_ms)}</span>
        ) : null}
      </>
    ),
    at: tool.asked_at
  }
}

const Elapsed = ({ since }: { readonly since: string }) => {
  const now = useNow(1000)
  return <span className={styles.took}>{duration(Math.max(0, now - Date.parse(since)))}</span>
}

const RowBody = ({ row }: { readonly row: Row }) => {
  switch (row.kind) {
    case "message":
      return <MessageCard from={row.message.from} text={row.message.text} at={row.at} onOpenFile={openFile} />
    case "model":
      return <ModelBody row={row} />
    case "tool": {
      const state = callState(row.tool, row.live)
      return (
        <RunOfCards value={row.run_id}>
          <ApprovalLine tool={row.tool} state={state} onOpen={openTarget} />
          <ToolBody tool={row.tool} state={state} dense={false} onOpen={openTarget} />
        </RunOfCards>
      )
    }
    case "note": {
      const words = noteWords(row.note)
      const output = field(row.note.payload, "output")
      return (
        <>
          {words === null ? null : <p className={styles.sentence}>{words.text}</p>}
          {words?.detail === null || words === null ? null : output === words.detail ? (
            <AnsiText text={words.detail} maxLines={24} />
          ) : (
            <Markdown text={words.detail} onOpenFile={openFile} />
          )}
          <JsonView value={row.note.payload} open={words === null ? 1 : 0} />
        </>
      )
    }
    default:
      return null
  }
}

const ModelBody = ({ row: { call } }: { readonly row: Extract<Row, { kind: "model" }> }) => {
  const facts: ReadonlyArray<readonly [string, string | null]> = [
    ["Model", plainName(call.model)],
    ["Input", call.input_tokens === null ? null : `${count(call.input_tokens)} tokens`],
    ["From the cache", call.cached_tokens === null ? null : `${count(call.cached_tokens)} tokens`],
    ["Output", call.output_tokens === null ? null : `${count(call.output_tokens)} tokens`],
    ["Cost", call.cost === null ? null : money(call.cost)],
    ["Took", call.duration_ms === null ? null : duration(call.duration_ms)],
    ["Ended", call.finish_reason === null ? null : plainName(call.finish_reason.replaceAll("_", " "))]
  ]
  return (
    <>
      {call.reasoning === "" ? null : <ThinkingCard text={call.reasoning} live={call.ended_at === null} />}
      {call.text === "" ? null : <Markdown text={call.text} streaming={call.ended_at === null} onOpenFile={openFile} />}
      {call.error === null ? null : <ErrorCard error={call.error} />}
      <dl className={styles.facts}>
        {facts.map(([name, value]) =>
          value === null ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          )
        )}
      </dl>
    </>
  )
}
