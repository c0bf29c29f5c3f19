/** One agent's lane: who it is, and its time as bars on a canvas. The table says the same in words. */
import type { ChoirCard } from "@choiros/protocol"
import { memo, type PointerEvent, useEffect, useMemo, useRef } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { preferencesStore } from "../../state/preferences.ts"
import { useRunView } from "../../state/runs.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import styles from "./Lanes.module.css"
import { isOpen } from "./room.ts"
import { kindColour, type Segment, segmentKinds, segmentsOf } from "./segments.ts"
import { useThrottled } from "./useThrottled.ts"
import { openRun } from "./verbs.ts"

export interface Pointed {
  readonly agent: string
  readonly segment: Segment
}

interface LaneProps {
  readonly card: ChoirCard
  readonly top: number
  /** Milliseconds since 1970. */
  readonly from: number
  readonly to: number
  readonly now: number
  readonly width: number
  readonly onPoint: (at: Pointed | null) => void
}

const height = 40
/** Where the bars stand in the lane, by what they are: a wait is seen behind what goes on meanwhile. */
const shapes = { tall: { y: 9, height: 22 }, flat: { y: 17, height: 6 } } as const

export const Lane = memo(({ card, top, from, to, now, width, onPoint }: LaneProps) => {
  const { agent, objective, phase, run_id } = card
  const view = useRunView(run_id)
  const steps = useThrottled(view.shown, 250)
  const segments = useMemo(() => segmentsOf(steps), [steps])
  const canvas = useRef<HTMLCanvasElement>(null)
  const theme = useStore(preferencesStore, ({ contrast, theme: chosen }) => `${chosen} ${contrast}`)
  const began = Date.parse(card.started_at ?? "")
  const ended = card.ended_at === null ? null : Date.parse(card.ended_at)

  useEffect(() => {
    // A theme's colours are read from the page, so a change of it draws anew.
    if (canvas.current !== null && width > 0 && theme !== "") {
      draw(canvas.current, { segments, began, ended: ended ?? now, from, to, width, open: now })
    }
  }, [segments, began, ended, now, from, to, width, theme])

  const at = (event: PointerEvent<HTMLCanvasElement>): Segment | null => {
    const x = event.clientX - event.currentTarget.getBoundingClientRect().left
    return segmentAt(segments, from + (x / width) * (to - from), ((to - from) / width) * 2, now)
  }
  const pressedAt = useRef<number | null>(null)

  return (
    <li className={styles.lane} style={{ transform: `translateY(${top}px)` }} data-run={run_id}>
      <button type="button" className={styles.who} onClick={() => openRun(card)}>
        <AgentMark name={agent} size={14} />
        <span className={styles.words}>
          <span className={styles.agent}>{plainName(agent)}</span>
          <span className={styles.objective}>{plainName(objective)}</span>
        </span>
        <StateIcon phase={phase} size={14} />
      </button>
      <canvas
        ref={canvas}
        className={styles.canvas}
        role="img"
        aria-label={`${agent} ${phaseWords[phase].verb}${isOpen(card) ? "" : ", over"}; the table has it in words`}
        onPointerMove={(event) => {
          const segment = at(event)
          onPoint(segment === null ? null : { agent, segment })
        }}
        onPointerLeave={() => onPoint(null)}
        onPointerDown={(event) => {
          pressedAt.current = event.clientX
        }}
        onPointerUp={(event) => {
          const pressed = pressedAt.current
          pressedAt.current = null
          const segment = at(event)
          if (pressed !== null && Math.abs(event.clientX - pressed) < 4 && segment !== null) openRun(card, segment.step)
        }}
      />
      {view.status === "failed" && (
        <button type="button" className={styles.failed} onClick={view.retry}>
          {view.error}: try again
        </button>
      )}
    </li>
  )
})

interface Drawn {
  readonly segments: ReadonlyArray<Segment>
  readonly began: number
  readonly ended: number
  readonly from: number
  readonly to: number
  readonly width: number
  /** Where what goes on ends. */
  readonly open: number
}

const draw = (canvas: HTMLCanvasElement, { began, ended, from, open, segments, to, width }: Drawn): void => {
  const scale = window.devicePixelRatio
  const pixels = { width: Math.round(width * scale), height: Math.round(height * scale) }
  if (canvas.width !== pixels.width) canvas.width = pixels.width
  if (canvas.height !== pixels.height) canvas.height = pixels.height
  const brush = canvas.getContext("2d")
  if (brush === null) return
  const look = getComputedStyle(canvas)
  const colour = (name: string) => look.getPropertyValue(name).trim()
  brush.setTransform(scale, 0, 0, scale, 0, 0)
  brush.clearRect(0, 0, width, height)
  const x = (time: number) => ((time - from) / (to - from)) * width
  const bar = (begin: number, end: number, y: number, tall: number) => {
    const left = Math.max(-2, x(begin))
    const right = Math.min(width + 2, x(end))
    // What is short is still seen.
    if (right >= 0 && left <= width) brush.fillRect(left, y, Math.max(1.5, right - left), tall)
  }
  brush.fillStyle = colour("--surface-active")
  bar(began, ended, shapes.flat.y, shapes.flat.height)
  for (const kind of segmentKinds) {
    brush.fillStyle = colour(kindColour[kind])
    const shape = kind === "agent" || kind === "paused" ? shapes.flat : shapes.tall
    for (const segment of segments) {
      if (segment.kind === kind) bar(segment.from, segment.to ?? open, shape.y, shape.height)
    }
  }
}

/** What is drawn there on top. */
const segmentAt = (segments: ReadonlyArray<Segment>, time: number, slack: number, open: number): Segment | null => {
  let found: Segment | null = null
  for (const segment of segments) {
    if (time < segment.from - slack || time > (segment.to ?? open) + slack) continue
    if (found === null || segmentKinds.indexOf(segment.kind) >= segmentKinds.indexOf(found.kind)) found = segment
  }
  return found
}
