/**
 * One agent at work.
 *
 * Law: a card that the screen does not show keeps what it showed last, and costs nothing until it is seen again.
 */
import type { ChoirCard } from "@choiros/protocol"
import { Hand, Play } from "lucide-react"
import { memo, useEffect, useRef, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { counted, duration, money, tokens } from "../../ui/format.ts"
import { Progress } from "../../ui/Progress.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { AgentMenuButton } from "./AgentMenus.tsx"
import { budgetUsed, elapsed, isOpen, quietFor } from "./room.ts"
import styles from "./StageCard.module.css"
import { useLiveNow } from "./useLive.ts"
import { openNeed, openRun, resumeRun } from "./verbs.ts"

export interface StageCardProps {
  readonly card: ChoirCard
  /** Who handed the work to it; null where a person did, or nobody knows. */
  readonly by: string | null
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  /** The Tab key stops here. */
  readonly current: boolean
  readonly lit: boolean
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
  readonly onPoint: (run_id: string | null) => void
  readonly onFocus: (run_id: string) => void
}

export const StageCard = memo((props: StageCardProps) => {
  const { card, current, height, lit, onFocus, onPoint, width, x, y } = props
  const place = useRef<HTMLLIElement>(null)
  const [skipped, setSkipped] = useState(false)
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const listen = (event: Event) => setSkipped("skipped" in event && event.skipped === true)
    element.addEventListener("contentvisibilityautostatechange", listen)
    return () => element.removeEventListener("contentvisibilityautostatechange", listen)
  }, [])
  const held = useRef(props)
  if (!skipped || held.current.card.run_id !== card.run_id) held.current = props
  return (
    <li
      ref={place}
      className={classes(styles.card, lit && styles.lit)}
      style={{ width, height, transform: `translate(${x}px, ${y}px)` }}
      data-run={card.run_id}
      data-phase={card.phase}
      onPointerEnter={() => onPoint(card.run_id)}
      onPointerLeave={() => onPoint(null)}
      onFocus={() => onFocus(card.run_id)}
    >
      <Body {...held.current} current={current} />
    </li>
  )
})

const Body = memo(({ by, card, current, offline, onWhisper }: StageCardProps) => {
  const { agent, doing, lines, objective, phase, run_id } = card
  const tabIndex = current ? 0 : -1
  const used = budgetUsed(card)
  const isAsking = card.waiting.length > 0
  const isHeld = phase === "paused" && !isAsking
  return (
    <>
      <div className={styles.head}>
        <span className={styles.ring}>
          <AgentMark name={agent} size={14} />
        </span>
        <div className={styles.who}>
          <span className={styles.agent}>
            {plainName(agent)}
            {by !== null && <span className={styles.by}> for {plainName(by)}</span>}
          </span>
          <Standing card={card} />
        </div>
        <span className={styles.more}>
          <AgentMenuButton run_id={run_id} agent={agent} tabIndex={tabIndex} offline={offline} onWhisper={onWhisper} />
        </span>
      </div>
      <button type="button" className={styles.open} tabIndex={tabIndex} data-open onClick={() => openRun(card)}>
        <span className="visually-hidden">{`${agent} ${phaseWords[phase].verb}: `}</span>
        {plainName(objective)}
      </button>
      {doing === null ? (
        <p className={styles.resting}>{card.reason ?? phaseWords[phase].label}</p>
      ) : (
        <p className={styles.doing}>
          {doing.verb} {doing.object !== "" && <span className={styles.object}>{doing.object}</span>}
        </p>
      )}
      <p className={classes(styles.lines, (isAsking || isHeld) && styles.asking)}>
        {doing === null && card.reason !== null ? "" : lines.join("\n")}
      </p>
      <div className={styles.foot}>
        {used !== null && (
          <Progress
            className={styles.budget}
            value={used.part}
            max={1}
            tone={used.part >= 1 ? "danger" : used.part >= 0.8 ? "warning" : "accent"}
            label={`${Math.round(used.part * 100)} % of its cap on ${used.words}`}
          />
        )}
        <div className={styles.row}>
          <span className={styles.numbers}>
            <span>{counted(card.steps, "step")}</span>
            <span>{tokens(card.spent.tokens)} tokens</span>
            {card.spent.cost > 0 && <span>{money(card.spent.cost)}</span>}
            {card.plan !== null && (
              <span>
                {card.plan.done} of {card.plan.total} parts
              </span>
            )}
          </span>
          {isAsking && (
            <Button
              size="s"
              variant="primary"
              tabIndex={tabIndex}
              icon={<Hand size={14} strokeWidth={1.75} aria-hidden="true" />}
              onClick={() => openNeed(card)}
            >
              Answer
            </Button>
          )}
          {isHeld && (
            <Button
              size="s"
              tabIndex={tabIndex}
              disabled={offline}
              icon={<Play size={14} strokeWidth={1.75} aria-hidden="true" />}
              onClick={() => void resumeRun(card)}
            >
              Resume
            </Button>
          )}
        </div>
      </div>
    </>
  )
})

/** Its state in words, and for how long: the one part that changes by the clock. */
const Standing = ({ card }: { readonly card: ChoirCard }) => {
  const now = useLiveNow(1_000)
  const quiet = quietFor(card, now)
  return (
    <span className={styles.standing}>
      <StateIcon phase={card.phase} size={14} decorative />
      <span className={styles.state}>{phaseWords[card.phase].label}</span>
      {quiet === null ? (
        <span className={styles.time}>{duration(elapsed(card, now))}</span>
      ) : (
        <span className={styles.quiet}>quiet for {duration(quiet)}</span>
      )}
      {!isOpen(card) && <span className="visually-hidden">ended</span>}
    </span>
  )
}
