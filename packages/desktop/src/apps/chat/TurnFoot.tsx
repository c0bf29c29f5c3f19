/** How a turn stands: what it does and since when, what it waits for, or how it ended; and what can be done about it. */
import { Copy, CornerDownRight, Ellipsis, GitFork, ListChecks, Pause, Play, RotateCcw, Square } from "lucide-react"
import { memo } from "react"
import { useStore } from "zustand"
import { ErrorCard } from "../../cards/ErrorCard.tsx"
import { QuietHint } from "../../cards/QuietHint.tsx"
import { silenceIs, useSilence } from "../../cards/silence.ts"
import { connectionStore } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { counted, duration, money, tokens } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { useActs } from "./conversationContext.ts"
import { wordsOfTurn } from "./conversationRows.ts"
import type { TurnItem } from "./items.ts"
import { askedHere } from "./requests.ts"
import styles from "./TurnFoot.module.css"
import { WaitingHere } from "./WaitingHere.tsx"

export const TurnFoot = memo(({ turn }: { readonly turn: TurnItem }) =>
  turn.ended_at === null ? <AtWork turn={turn} /> : <Ended turn={turn} />
)
TurnFoot.displayName = "TurnFoot"

const AtWork = ({ turn }: { readonly turn: TurnItem }) => {
  const { nudge, stop } = useActs()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const now = useNow(1000)
  const { doing, last_at, phase, reason, run_id } = turn
  const silence = useSilence({ phase, last_at, sign: turn })
  return (
    <footer className={styles.foot}>
      <WaitingHere run_id={run_id} />
      <div className={styles.line}>
        <StateIcon phase={phase} decorative />
        <span className={styles.words}>
          {doing === null ? phaseWords[phase].label : doingWords(doing)}
          {phase === "paused" && reason !== null && reason !== askedHere ? `: ${plainName(reason)}` : ""}
        </span>
        <span className={styles.figure}>{duration(now - Date.parse(turn.started_at))}</span>
        {silence < silenceIs.told ? null : <span className={styles.figure}>last sign {duration(silence)} ago</span>}
        <WorkButtons run_id={run_id} phase={phase} offline={offline} />
      </div>
      <QuietHint silence={silence} onNudge={() => nudge(run_id)} onStop={() => stop(run_id)} />
    </footer>
  )
}

/** Characters of what it works on. */
const longest = 120

const doingWords = ({ object, verb }: NonNullable<TurnItem["doing"]>): string =>
  object === "" ? verb : `${verb} ${shortened(plainName(object), longest)}`

interface WorkButtonsProps {
  readonly run_id: string
  readonly phase: TurnItem["phase"]
  readonly offline: boolean
}

/** By themselves: the words beside them change all the time. */
const WorkButtons = memo(({ offline, phase, run_id }: WorkButtonsProps) => {
  const { openRun, pause, resume, stop } = useActs()
  return (
    <span className={styles.buttons}>
      {phase === "paused" ? (
        <Button size="s" disabled={offline} icon={<Play size={14} strokeWidth={1.75} />} onClick={() => resume(run_id)}>
          Resume
        </Button>
      ) : phase === "stopping" ? null : (
        <IconButton
          size="s"
          label="Pause the run"
          disabled={offline}
          icon={<Pause size={14} strokeWidth={1.75} />}
          onClick={() => pause(run_id)}
        />
      )}
      <IconButton
        size="s"
        label="Stop the run"
        disabled={offline || phase === "stopping"}
        icon={<Square size={14} strokeWidth={1.75} />}
        onClick={() => stop(run_id)}
      />
      <IconButton
        size="s"
        label="Open the run"
        icon={<ListChecks size={14} strokeWidth={1.75} />}
        onClick={() => openRun(run_id)}
      />
    </span>
  )
})
WorkButtons.displayName = "WorkButtons"

const Ended = ({ turn }: { readonly turn: TurnItem }) => {
  const acts = useActs()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const { ended_at, error, phase, reason, run_id, spent, started_at } = turn
  const words = wordsOfTurn(turn)
  const took = ended_at === null ? null : Date.parse(ended_at) - Date.parse(started_at)
  const copy = (): void => acts.copy(words, "The answer")
  const retry = (
    <Button
      size="s"
      disabled={offline}
      icon={<RotateCcw size={14} strokeWidth={1.75} />}
      onClick={() => acts.retry(turn)}
    >
      Try again
    </Button>
  )
  return (
    <footer className={styles.foot}>
      {error !== null && phase !== "stopped" ? (
        <ErrorCard error={error} title={phaseWords[phase].label}>
          {retry}
        </ErrorCard>
      ) : null}
      <div className={styles.line}>
        <StateIcon phase={phase} decorative />
        <span className={styles.words}>
          {phaseWords[phase].label}
          {error === null && reason !== null ? `: ${plainName(reason)}` : ""}
        </span>
        {took === null ? null : <span className={styles.figure}>{duration(took)}</span>}
        {spent.tokens > 0 ? <span className={styles.figure}>{tokens(spent.tokens)} tokens</span> : null}
        {spent.cost > 0 ? <span className={styles.figure}>{money(spent.cost)}</span> : null}
        <Shown turn={turn} />
        <span className={styles.buttons}>
          {words === "" ? null : (
            <IconButton size="s" label="Copy the answer" icon={<Copy size={14} strokeWidth={1.75} />} onClick={copy} />
          )}
          <IconButton
            size="s"
            label="Try again"
            disabled={offline}
            icon={<RotateCcw size={14} strokeWidth={1.75} />}
            onClick={() => acts.retry(turn)}
          />
          <IconButton
            size="s"
            label="Open the run"
            icon={<ListChecks size={14} strokeWidth={1.75} />}
            onClick={() => acts.openRun(run_id)}
          />
          <Menu
            trigger={
              <IconButton size="s" label="More for this turn" icon={<Ellipsis size={14} strokeWidth={1.75} />} />
            }
            align="end"
            items={[
              {
                id: "copy",
                label: "Copy the answer",
                icon: <Copy size={16} strokeWidth={1.75} />,
                disabled: words === "",
                onSelect: copy
              },
              {
                id: "retry",
                label: "Try again",
                icon: <RotateCcw size={16} strokeWidth={1.75} />,
                disabled: offline,
                onSelect: () => acts.retry(turn)
              },
              "separator",
              {
                id: "fork",
                label: "Fork into a new conversation",
                icon: <GitFork size={16} strokeWidth={1.75} />,
                disabled: offline,
                onSelect: () => acts.fork(turn)
              },
              {
                id: "go_on",
                label: "Go on from here in a new conversation",
                icon: <CornerDownRight size={16} strokeWidth={1.75} />,
                disabled: offline,
                onSelect: () => acts.goOn(turn)
              },
              "separator",
              {
                id: "run",
                label: "Open the run",
                icon: <ListChecks size={16} strokeWidth={1.75} />,
                onSelect: () => acts.openRun(run_id)
              }
            ]}
          />
        </span>
      </div>
    </footer>
  )
}

/** What it shows for its words. */
const Shown = ({ turn: { evidence } }: { readonly turn: TurnItem }) => {
  if (evidence === null || evidence === undefined) return null
  const { files, tests } = evidence
  return (
    <>
      {files.length === 0 ? null : <span className={styles.figure}>{counted(files.length, "file")} changed</span>}
      {tests === null ? null : (
        <span className={tests.passed ? styles.passed : styles.failed}>
          {tests.passed ? "tests passed" : "tests failed"}
        </span>
      )}
    </>
  )
}
