/** Who is at work, by tier and by need; and who was. Pure. */
import { byAttention, type ChoirCard, type RunPhase } from "@choiros/protocol"

export interface Tier {
  /** 0: started by a person; 1: by one of those; and so on. */
  readonly depth: number
  readonly cards: ReadonlyArray<ChoirCard>
}

export interface Room {
  /** At work or in need, who needs a person first. */
  readonly present: ReadonlyArray<ChoirCard>
  readonly tiers: ReadonlyArray<Tier>
  /** Ended since midnight, the latest first. */
  readonly today: ReadonlyArray<ChoirCard>
  readonly earlier: ReadonlyArray<ChoirCard>
  readonly counts: { readonly open: number; readonly waiting: number; readonly quiet: number; readonly failed: number }
}

/** How long a failure stays on the stage, in milliseconds. */
const failedStays = 15 * 60_000
/** Milliseconds without an event after which who works is called quiet. */
const quietAfter = 30_000

const failures: ReadonlyArray<RunPhase> = ["failed", "interrupted"]
const working: ReadonlyArray<RunPhase> = ["planning", "working", "stopping"]

export const isOpen = (card: ChoirCard): boolean => card.ended_at === null

const isFreshFailure = ({ ended_at, phase }: ChoirCard, now: number): boolean =>
  ended_at !== null && failures.includes(phase) && now - Date.parse(ended_at) < failedStays

/** Milliseconds since anything was heard of it; null where that says nothing. */
export const quietFor = ({ last_at, phase }: ChoirCard, now: number): number | null => {
  const quiet = now - Date.parse(last_at)
  return working.includes(phase) && quiet > quietAfter ? quiet : null
}

export const roomOf = (cards: ReadonlyMap<string, ChoirCard>, now: number): Room => {
  const onStage: Array<ChoirCard> = []
  const over: Array<ChoirCard> = []
  for (const card of cards.values()) (isOpen(card) || isFreshFailure(card, now) ? onStage : over).push(card)
  const present = byAttention(onStage, now)
  const byDepth = new Map<number, Array<ChoirCard>>()
  for (const card of present) {
    const depth = depthOf(card, cards)
    const tier = byDepth.get(depth)
    if (tier === undefined) byDepth.set(depth, [card])
    else tier.push(card)
  }
  over.sort((a, b) => ((a.ended_at ?? "") < (b.ended_at ?? "") ? 1 : -1))
  const midnight = new Date(now).setHours(0, 0, 0, 0)
  const split = over.findIndex(({ ended_at }) => Date.parse(ended_at ?? "") < midnight)
  const open = present.filter(isOpen)
  return {
    present,
    tiers: [...byDepth].sort(([a], [b]) => a - b).map(([depth, of]) => ({ depth, cards: of })),
    today: split < 0 ? over : over.slice(0, split),
    earlier: split < 0 ? [] : over.slice(split),
    counts: {
      open: open.length,
      waiting: open.filter(({ waiting }) => waiting.length > 0).length,
      quiet: open.filter((card) => quietFor(card, now) !== null).length,
      failed: present.length - open.length
    }
  }
}

/** Runs above it, as far as they are known. A run that names itself as its parent ends the walk. */
export const depthOf = (card: ChoirCard, cards: ReadonlyMap<string, ChoirCard>): number => {
  const seen = new Set([card.run_id])
  let depth = 0
  let above = card.parent_run_id
  while (above !== null && !seen.has(above)) {
    const parent = cards.get(above)
    if (parent === undefined) return depth + 1
    seen.add(above)
    depth += 1
    above = parent.parent_run_id
  }
  return depth
}

export const tierName = (depth: number): string =>
  depth === 0 ? "Started by you" : depth === 1 ? "Helping them" : `Helping further down (${depth})`

/** How much of its nearest cap a run has used; null without a cap. */
export const budgetUsed = (card: ChoirCard): { readonly part: number; readonly words: string } | null => {
  const { budget, last_at, spent, started_at, steps } = card
  const seconds = started_at === null ? 0 : (Date.parse(card.ended_at ?? last_at) - Date.parse(started_at)) / 1_000
  const caps = [
    { used: steps, cap: budget.steps, words: "steps" },
    { used: spent.tokens, cap: budget.tokens, words: "tokens" },
    { used: spent.cost, cap: budget.usd, words: "money" },
    { used: seconds, cap: budget.seconds, words: "time" }
  ].flatMap(({ cap, used, words }) => (cap === undefined ? [] : [{ part: used / cap, words }]))
  return caps.sort((a, b) => b.part - a.part)[0] ?? null
}

/** Milliseconds that it has been going, or went. */
export const elapsed = ({ ended_at, started_at }: ChoirCard, now: number): number =>
  started_at === null ? 0 : Math.max(0, (ended_at === null ? now : Date.parse(ended_at)) - Date.parse(started_at))
