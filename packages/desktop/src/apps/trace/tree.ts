/** A run with all that came of it, as rows: each below who handed it out. Pure. */
import type { ChoirCard } from "@choiros/protocol"

export interface TreeRow {
  readonly card: ChoirCard
  readonly depth: number
}

type Cards = ReadonlyMap<string, ChoirCard>

/** The run at the top: who has nobody above, as far as is known. */
export const rootOf = (run_id: string, cards: Cards): string => {
  const seen = new Set<string>()
  let top = run_id
  while (!seen.has(top)) {
    seen.add(top)
    const above = cards.get(top)?.parent_run_id ?? null
    if (above === null || !cards.has(above)) return top
    top = above
  }
  return run_id
}

export const treeOf = (root: string, cards: Cards): ReadonlyArray<TreeRow> => {
  const below = new Map<string, Array<ChoirCard>>()
  for (const card of cards.values()) {
    if (card.parent_run_id === null) continue
    const siblings = below.get(card.parent_run_id)
    if (siblings === undefined) below.set(card.parent_run_id, [card])
    else siblings.push(card)
  }
  const rows: Array<TreeRow> = []
  const seen = new Set<string>()
  const walk = (card: ChoirCard, depth: number) => {
    if (seen.has(card.run_id)) return
    seen.add(card.run_id)
    rows.push({ card, depth })
    const children = below.get(card.run_id) ?? []
    children.sort((a, b) => ((a.started_at ?? "") < (b.started_at ?? "") ? -1 : 1))
    for (const child of children) walk(child, depth + 1)
  }
  const card = cards.get(root)
  if (card !== undefined) walk(card, 0)
  return rows
}

/** Of two that tell of the same runs, for each the one that is further. */
export const further = (a: Cards, b: Cards): Cards => {
  const all = new Map(a)
  for (const [run_id, card] of b) {
    const known = all.get(run_id)
    if (known === undefined || known.last_seq <= card.last_seq) all.set(run_id, card)
  }
  return all
}
