/** Who does what, where it stands, what it has used, and what a person can do about it. */
import { ownObjective, type TimelineStep } from "@choiros/protocol"
import {
  CirclePause,
  CornerLeftUp,
  Ellipsis,
  GitFork,
  Link,
  MessageSquare,
  Navigation,
  Play,
  RotateCcw,
  Square,
  Users,
  Wallet,
  Waypoints
} from "lucide-react"
import { useMemo, useState } from "react"
import { useStore } from "zustand"
import { QuietHint } from "../../cards/QuietHint.tsx"
import { silenceIs, useSilence } from "../../cards/silence.ts"
import { awayWords, connectionStore } from "../../client/Connection.ts"
import { plainName, shortened } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import { openApp } from "../../state/windows.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { count, counted, duration, money, tokens } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu, type MenuItem } from "../../ui/Menu.tsx"
import { Progress } from "../../ui/Progress.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { budgetLines } from "./budget.ts"
import { RaiseDialog } from "./RaiseDialog.tsx"
import styles from "./RunHeader.module.css"
import { copyLink, forkRun, nudgeRun, pauseRun, resumeRun, retryRun, stopRun } from "./runCommands.ts"
import type { RunFacts } from "./runFacts.ts"
import { SteerLine } from "./SteerLine.tsx"

/** What the server notes where a person gave no reason: it says no more than the state. */
const byPerson = "asked to"

export const RunHeader = ({
  facts,
  steps
}: {
  readonly facts: RunFacts
  readonly steps: ReadonlyArray<TimelineStep>
}) => {
  const { agent, ended_at, last_at, model, objective, phase, reason, run_id } = facts
  const [steering, setSteering] = useState(false)
  const [raising, setRaising] = useState(false)
  const [whole, setWhole] = useState(false)
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const away = useStore(connectionStore, awayWords)
  const silence = useSilence({ phase, last_at, sign: steps })
  const live = ended_at === null
  const paused = phase === "paused"
  const why = offline ? away : undefined
  const short = plainName(ownObjective(objective))
  const said = plainName(objective)
  const isLong = said.length > 140 || said !== short
  return (
    <header className={styles.header}>
      <div className={styles.top}>
        <div className={styles.what}>
          <h3 className={whole ? styles.whole : styles.objective} title={whole ? undefined : shortened(said, 600)}>
            {isLong ? (
              <button type="button" aria-expanded={whole} onClick={() => setWhole(!whole)}>
                {whole ? shortened(said, 4_000) : short}
              </button>
            ) : (
              said
            )}
          </h3>
          <p className={styles.state}>
            <StateIcon phase={phase} decorative />
            <span className={styles.phase} data-tone={phaseWords[phase].tone}>
              {phaseWords[phase].label}
            </span>
            {facts.doing === null || paused ? null : (
              <span className={styles.doing}>
                {facts.doing.verb}
                {facts.doing.object === "" ? "" : ` ${plainName(facts.doing.object)}`}
              </span>
            )}
            {reason === null || reason === byPerson ? null : <span className={styles.doing}>{plainName(reason)}</span>}
          </p>
        </div>
        <div className={styles.actions}>
          {paused ? (
            <Button
              variant="primary"
              icon={<Play size={16} strokeWidth={1.75} />}
              disabled={offline}
              title={why}
              onClick={() => void resumeRun(run_id)}
            >
              Resume
            </Button>
          ) : live && phase !== "stopping" ? (
            <IconButton
              label="Pause"
              icon={<CirclePause size={16} strokeWidth={1.75} />}
              disabled={offline}
              onClick={() => void pauseRun(run_id)}
            />
          ) : null}
          {live ? (
            <>
              <IconButton
                label="Stop"
                icon={<Square size={16} strokeWidth={1.75} />}
                disabled={offline || phase === "stopping"}
                onClick={() => void stopRun(run_id)}
              />
              <IconButton
                label="Steer"
                icon={<Navigation size={16} strokeWidth={1.75} />}
                pressed={steering}
                disabled={offline || phase === "stopping"}
                onClick={() => setSteering(!steering)}
              />
            </>
          ) : (
            <Button
              icon={<RotateCcw size={16} strokeWidth={1.75} />}
              disabled={offline}
              title={why}
              onClick={() => void retryRun(run_id)}
            >
              Retry
            </Button>
          )}
          <Menu
            align="end"
            trigger={<IconButton label="More" icon={<Ellipsis size={16} strokeWidth={1.75} />} />}
            items={menuOf(facts, offline, () => setRaising(true))}
          />
        </div>
      </div>
      <Facts facts={facts} agent={agent} model={model} silence={silence} />
      <QuietHint silence={silence} onNudge={() => void nudgeRun(run_id)} onStop={() => void stopRun(run_id)} />
      {steering && live ? <SteerLine run_id={run_id} onDone={() => setSteering(false)} /> : null}
      <RaiseDialog facts={facts} open={raising} onOpenChange={setRaising} />
    </header>
  )
}

const icon = { size: 16, strokeWidth: 1.75 } as const

const menuOf = (facts: RunFacts, offline: boolean, raise: () => void): ReadonlyArray<MenuItem> => {
  const { actor_id, ended_at, run_id, session_id, thread_id } = facts
  const isOver = ended_at !== null
  return [
    {
      id: "chat",
      label: "Open chat",
      icon: <MessageSquare {...icon} />,
      disabled: session_id === null || thread_id === null,
      onSelect: () => openApp("chat", { actor_id, session_id, thread_id })
    },
    { id: "trace", label: "Open trace", icon: <Waypoints {...icon} />, onSelect: () => openApp("trace", { run_id }) },
    { id: "link", label: "Copy link", icon: <Link {...icon} />, onSelect: () => void copyLink(run_id, null) },
    "separator",
    ...(isOver
      ? [
          {
            id: "retry",
            label: "Retry",
            icon: <RotateCcw {...icon} />,
            disabled: offline,
            onSelect: () => void retryRun(run_id)
          }
        ]
      : [
          {
            id: "raise",
            label: "Raise budget",
            icon: <Wallet {...icon} />,
            disabled: offline,
            onSelect: raise
          }
        ]),
    {
      id: "fork",
      label: "Fork",
      icon: <GitFork {...icon} />,
      disabled: offline,
      onSelect: () => void forkRun(run_id)
    }
  ]
}

const Facts = ({
  agent,
  facts,
  model,
  silence
}: {
  readonly facts: RunFacts
  readonly agent: string
  readonly model: string
  readonly silence: number
}) => {
  const { budget, parent_run_id, run_id, spent, steps } = facts
  const lines = budgetLines(budget, facts)
  return (
    <div className={styles.facts}>
      <span className={styles.fact}>
        <AgentMark name={agent} />
        {plainName(agent)}
      </span>
      <span className={styles.fact}>{plainName(model)}</span>
      <Elapsed facts={facts} />
      {silence < silenceIs.told ? null : <span className={styles.fact}>last sign {duration(silence)} ago</span>}
      {/* What has a cap is told with it. */}
      {budget.steps === undefined ? <span className={styles.fact}>{counted(steps, "step")}</span> : null}
      {budget.tokens === undefined ? <span className={styles.fact}>{tokens(spent.tokens)} tokens</span> : null}
      {budget.usd === undefined ? <span className={styles.fact}>{money(spent.cost)}</span> : null}
      {lines.map(({ label, max, tone, used }) => (
        <span key={label} className={styles.budget} title={label}>
          <Progress label={label} value={used} max={max} tone={tone} />
          <span>{label}</span>
        </span>
      ))}
      {parent_run_id === null ? null : <Parent run_id={parent_run_id} />}
      <Children run_id={run_id} />
    </div>
  )
}

const Elapsed = ({ facts: { ended_at, started_at } }: { readonly facts: RunFacts }) => {
  const now = useNow(1000)
  if (started_at === null) return null
  const until = ended_at === null ? now : Date.parse(ended_at)
  return <span className={styles.fact}>{duration(Math.max(0, until - Date.parse(started_at)))}</span>
}

const Parent = ({ run_id }: { readonly run_id: string }) => {
  const agent = useStore(choirStore, ({ choir }) => choir.cards.get(run_id)?.agent ?? null)
  return (
    <Button
      size="s"
      variant="ghost"
      icon={<CornerLeftUp size={14} strokeWidth={1.75} />}
      onClick={() => openApp("run", { run_id })}
    >
      {agent === null ? "The run above" : `Part of ${plainName(agent)}'s run`}
    </Button>
  )
}

const Children = ({ run_id }: { readonly run_id: string }) => {
  const cards = useStore(choirStore, ({ choir }) => choir.cards)
  const children = useMemo(
    () =>
      [...cards.values()]
        .filter(({ parent_run_id }) => parent_run_id === run_id)
        .toSorted((a, b) => (a.run_id < b.run_id ? -1 : 1)),
    [cards, run_id]
  )
  if (children.length === 0) return null
  return (
    <Menu
      trigger={
        <Button size="s" variant="ghost" icon={<Users size={14} strokeWidth={1.75} />}>
          {children.length === 1 ? "1 child run" : `${count(children.length)} child runs`}
        </Button>
      }
      items={children.map((child) => ({
        id: child.run_id,
        label: `${plainName(child.agent)}: ${shortened(plainName(child.objective), 60)}`,
        icon: <StateIcon phase={child.phase} />,
        onSelect: () => void openApp("run", { run_id: child.run_id })
      }))}
    />
  )
}
