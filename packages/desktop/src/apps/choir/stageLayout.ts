/** Where each card of the stage stands, from the order and the width alone: nothing is measured on the page. */
import type { ChoirCard } from "@choiros/protocol"
import type { Tier } from "./room.ts"

export interface Place {
  readonly run_id: string
  readonly x: number
  readonly y: number
  readonly column: number
}

export interface StageEdge {
  readonly from: string
  readonly to: string
  readonly path: string
}

export interface StageLayout {
  readonly cardWidth: number
  readonly cardHeight: number
  readonly columns: number
  readonly places: ReadonlyMap<string, Place>
  readonly heads: ReadonlyArray<{ readonly depth: number; readonly y: number; readonly count: number }>
  readonly edges: ReadonlyArray<StageEdge>
  readonly height: number
}

const cardHeight = 192
const leastWidth = 264
const mostWidth = 420
const gap = 16
const headHeight = 32
const betweenTiers = 20

export const layoutStage = (tiers: ReadonlyArray<Tier>, width: number): StageLayout => {
  const columns = Math.max(1, Math.floor((width + gap) / (leastWidth + gap)))
  const room = Math.floor((width - gap * (columns - 1)) / columns)
  const cardWidth = Math.max(0, columns === 1 ? room : Math.min(mostWidth, room))
  const places = new Map<string, Place>()
  const heads: Array<StageLayout["heads"][number]> = []
  let y = 0
  for (const { cards, depth } of tiers) {
    heads.push({ depth, y, count: cards.length })
    y += headHeight
    cards.forEach(({ run_id }, index) => {
      const column = index % columns
      const row = Math.floor(index / columns)
      places.set(run_id, { run_id, column, x: column * (cardWidth + gap), y: y + row * (cardHeight + gap) })
    })
    y += Math.ceil(cards.length / columns) * (cardHeight + gap) + betweenTiers - gap
  }
  const edges = tiers.flatMap(({ cards }) => edgesOf(cards, places, cardWidth))
  return { cardWidth, cardHeight, columns, places, heads, edges, height: Math.max(0, y - betweenTiers) }
}

const edgesOf = (
  cards: ReadonlyArray<ChoirCard>,
  places: ReadonlyMap<string, Place>,
  cardWidth: number
): ReadonlyArray<StageEdge> =>
  cards.flatMap(({ parent_run_id, run_id }) => {
    const from = parent_run_id === null ? undefined : places.get(parent_run_id)
    const to = places.get(run_id)
    if (from === undefined || to === undefined || from === to) return []
    return [{ from: from.run_id, to: run_id, path: curve(from, to, cardWidth) }]
  })

/** From the middle of the lower side to the middle of the upper one. */
const curve = (from: Place, to: Place, cardWidth: number): string => {
  const x1 = from.x + cardWidth / 2
  const y1 = from.y + cardHeight
  const x2 = to.x + cardWidth / 2
  const y2 = to.y
  const bend = Math.max(28, (y2 - y1) / 2)
  return `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`
}

/** What the layout depends on: while it stays the same, so do places and edges. */
export const layoutKey = (tiers: ReadonlyArray<Tier>): string =>
  tiers
    .map(({ cards, depth }) => `${depth}:${cards.map((card) => `${card.run_id}<${card.parent_run_id ?? ""}`).join()}`)
    .join("/")
