/** The runs that the bar speaks of: told anew only when one of them looks different there. */
import type { ChoirCard, RunPhase } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { handles, hasEnded, type RunRef } from "../prompt/context.ts"
import { choirStore } from "../state/choir.ts"
import { frontRun, onFront } from "./subject.ts"

interface RunsNow {
  /** Without an end, the latest last. */
  readonly open: ReadonlyArray<RunRef>
  /** Open ones and the latest that have ended: what can be named. */
  readonly named: ReadonlyArray<RunRef>
  readonly front: RunRef | null
}

const endedNamed = 20

export const runsNowStore = createStore<RunsNow>(() => ({ open: [], named: [], front: null }))

const isSame = (one: RunRef, other: RunRef | undefined): boolean =>
  other !== undefined && one.run_id === other.run_id && one.phase === other.phase && one.handle === other.handle

const isSameList = (one: ReadonlyArray<RunRef>, other: ReadonlyArray<RunRef>): boolean =>
  one.length === other.length && one.every((run, index) => isSame(run, other[index]))

const look = (): void => {
  const before = runsNowStore.getState()
  const cards = [...choirStore.getState().choir.cards.values()]
  const open = cards.filter((card) => !hasEnded(card.phase))
  const ended = cards.filter((card) => hasEnded(card.phase)).toSorted((a, b) => b.last_seq - a.last_seq)
  const front = frontRun()
  const named = [...open, ...ended.slice(0, endedNamed)]
  if (front !== null && !named.includes(front)) named.push(front)
  // The oldest keeps the shortest name, whatever comes after it.
  named.sort((a, b) => ((a.started_at ?? "") < (b.started_at ?? "") ? -1 : 1))
  const names = handles(named.map(({ objective }) => objective))
  const refs = new Map(named.map((card, index) => [card.run_id, refOf(card, names[index] ?? card.run_id)]))
  const next = [...refs.values()]
  const openNext = next.filter(({ phase }) => !hasEnded(phase))
  const frontNext = front === null ? null : (refs.get(front.run_id) ?? null)
  runsNowStore.setState({
    ...(isSameList(next, before.named) ? {} : { named: next }),
    ...(isSameList(openNext, before.open) ? {} : { open: openNext }),
    ...(frontNext === before.front || (frontNext !== null && isSame(frontNext, before.front ?? undefined))
      ? {}
      : { front: frontNext })
  })
}

const refOf = ({ agent, objective, phase, run_id }: ChoirCard, handle: string): RunRef => ({
  run_id,
  handle,
  objective,
  agent,
  phase
})

let planned = false

/** Keeps the store with the choir until the page is gone: looked at once a paint at most. */
export const watchRuns = (): void => {
  onFront(() => {
    if (planned) return
    planned = true
    queueMicrotask(() => {
      planned = false
      look()
    })
  })
  look()
}

/** What a segment, a badge and a list colour it by. */
export type Tint = "working" | "waiting" | "paused" | "idle"

export const tintOf = (phase: RunPhase): Tint => {
  switch (phase) {
    case "waiting_for_you":
      return "waiting"
    case "paused":
      return "paused"
    case "queued":
    case "stopping":
    case "waiting_on_agent":
      return "idle"
    default:
      return "working"
  }
}
