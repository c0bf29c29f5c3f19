/**
 * A tool's call: a line that says what it does and how it stands, and what it was asked and gave when it is opened.
 *
 * Law: closed it is one line of 28 px (dense) and costs no more than that; a body is made when it is opened.
 */
import type { TimelineTool } from "@choiros/protocol"
import { ChevronRight, ExternalLink } from "lucide-react"
import { memo, type ReactNode, useId, useState } from "react"
import { DiffCounts } from "../content/DiffCounts.tsx"
import { countsOfDiff } from "../content/diffLines.ts"
import { classes } from "../ui/classes.ts"
import { duration } from "../ui/format.ts"
import { IconButton } from "../ui/IconButton.tsx"
import { useNow } from "../ui/useNow.ts"
import { ApprovalLine } from "./ApprovalLine.tsx"
import { CallStateMark } from "./CallStateMark.tsx"
import { ToolBody } from "./ToolBody.tsx"
import styles from "./ToolCard.module.css"
import type { CardTarget, OpenTarget } from "./targets.ts"
import { type CallState, callState, fileOf, kindOf, stateWords, verbOf } from "./toolCalls.ts"
import { toolIcons } from "./toolIcons.ts"

export interface ToolCardProps {
  readonly tool: TimelineTool
  /** Its run is under way. */
  readonly live: boolean
  /** A line in a long list: closed at first, without a frame. */
  readonly dense?: boolean | undefined
  readonly onOpen?: OpenTarget | undefined
}

export const ToolCard = memo(({ tool, live, dense = false, onOpen }: ToolCardProps) => {
  const [chosen, setChosen] = useState<boolean | null>(null)
  const bodyId = useId()
  const state = callState(tool, live)
  const kind = kindOf(tool)
  const { object, verb } = verbOf(tool, state)
  const isOpen = chosen ?? (!dense && opensItself(tool, state))
  const Icon = toolIcons[kind]
  const target = targetOf(tool, state)
  return (
    <article
      className={classes(styles.card, dense && styles.dense, isOpen && styles.open)}
      aria-label={`${verb} ${object}, ${stateWords[state]}`}
    >
      <div className={styles.row}>
        <button
          type="button"
          className={styles.head}
          aria-expanded={isOpen}
          aria-controls={isOpen ? bodyId : undefined}
          onClick={() => setChosen(!isOpen)}
        >
          <ChevronRight
            className={classes(styles.chevron, isOpen && styles.turned)}
            size={14}
            strokeWidth={1.75}
            aria-hidden="true"
          />
          <Icon className={styles.kind} size={14} strokeWidth={1.75} aria-hidden="true" />
          {kind === "shell" && tool.asked.tool_name === "bash" ? (
            <span className={styles.command} title={object}>
              <span className={styles.prompt} aria-hidden="true">
                ${" "}
              </span>
              <span className="visually-hidden">{verb} </span>
              {object}
            </span>
          ) : (
            <span className={styles.words} title={object}>
              {verb} <span className={styles.object}>{object}</span>
            </span>
          )}
          <Aside tool={tool} state={state} />
        </button>
        {target !== null && onOpen !== undefined ? (
          <IconButton
            className={styles.go}
            label={target.label}
            size="s"
            icon={<ExternalLink size={14} strokeWidth={1.75} />}
            onClick={() => onOpen(target.to)}
          />
        ) : null}
      </div>
      {isOpen ? (
        <div id={bodyId} className={styles.body}>
          <ApprovalLine tool={tool} state={state} onOpen={onOpen} />
          <ToolBody tool={tool} state={state} dense={dense} onOpen={onOpen} />
        </div>
      ) : null}
    </article>
  )
})
ToolCard.displayName = "ToolCard"

/** Bytes of a diff that is shown without being asked for. */
const shortDiff = 4_000

/** What a reader would open anyway: what needs them, what went wrong, what changed, what is under way. */
const opensItself = (tool: TimelineTool, state: CallState): boolean => {
  const kind = kindOf(tool)
  if (state === "waiting" || state === "denied" || state === "refused" || state === "unknown") return true
  if (state === "failed") return kind !== "read" && kind !== "list" && kind !== "search"
  if (kind === "edit") return (tool.result?.diff?.length ?? shortDiff) < shortDiff
  return kind === "delegate" || kind === "question" || (kind === "shell" && state === "running")
}

const targetOf = (tool: TimelineTool, state: CallState): { readonly label: string; readonly to: CardTarget } | null => {
  if (tool.task_id !== null) return { label: "Open the run", to: { kind: "run", run_id: tool.task_id } }
  if (state === "waiting" && tool.approval !== null) {
    return { label: "Open the request", to: { kind: "approval", approval_id: tool.approval.approval_id } }
  }
  const file = fileOf(tool)
  return file === null ? null : { label: "Open the file", to: { kind: "file", ...file } }
}

/** The right end of the line: what came of it, and how long it took. */
const Aside = ({ state, tool }: { readonly state: CallState; readonly tool: TimelineTool }) => {
  const { result, started_at } = tool
  const parts: Array<ReactNode> = []
  if (result?.diff !== undefined && result.diff !== "")
    parts.push(<DiffCounts key="diff" {...countsOfDiff(result.diff)} />)
  if (
    (state === "done" || state === "failed") &&
    kindOf(tool) === "shell" &&
    result?.exit_code !== undefined &&
    result.exit_code !== null
  ) {
    parts.push(
      <span key="exit" title="Exit code">
        <span className="visually-hidden">exit code </span>
        {result.exit_code}
      </span>
    )
  } else if (state !== "done" && state !== "running") parts.push(<span key="state">{stateWords[state]}</span>)
  if (state === "running" && started_at !== null) parts.push(<Elapsed key="time" since={started_at} />)
  else if (result?.duration_ms !== null && result?.duration_ms !== undefined) {
    parts.push(<span key="time">{duration(result.duration_ms)}</span>)
  }
  return (
    <span className={styles.aside}>
      <CallStateMark state={state} />
      {parts}
    </span>
  )
}

const Elapsed = ({ since }: { readonly since: string }) => {
  const now = useNow(1000)
  return <span>{duration(Math.max(0, now - Date.parse(since)))}</span>
}
