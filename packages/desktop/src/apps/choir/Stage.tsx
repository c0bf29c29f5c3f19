import type { ChoirCard } from "@choiros/protocol"
import { type KeyboardEvent, memo, useCallback, useMemo, useRef, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentContextMenu } from "./AgentMenus.tsx"
import { EndedRows } from "./EndedRows.tsx"
import { type Room, tierName } from "./room.ts"
import styles from "./Stage.module.css"
import { StageCard } from "./StageCard.tsx"
import { layoutKey, layoutStage, type StageLayout } from "./stageLayout.ts"
import { useWidth } from "./useWidth.ts"

interface StageProps {
  readonly room: Room
  readonly cards: ReadonlyMap<string, ChoirCard>
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
  readonly onTable: () => void
}

export const Stage = ({ room, cards, offline, onWhisper, onTable }: StageProps) => {
  const floor = useRef<HTMLDivElement>(null)
  const width = useWidth(floor)
  const [pointed, setPointed] = useState<string | null>(null)
  const [focused, setFocused] = useState<string | null>(null)
  const key = layoutKey(room.tiers)
  const tiers = useRef(room.tiers)
  tiers.current = room.tiers
  // The cards change all the time, their order seldom: the key says all that the layout needs of them.
  const layout = useMemo(() => (key === "" ? noLayout : layoutStage(tiers.current, width)), [key, width])
  const waits = waitingEdges(room.present)
  const current = focused !== null && layout.places.has(focused) ? focused : (room.tiers[0]?.cards[0]?.run_id ?? null)
  const open = useCallback((run_id: string) => setFocused(run_id), [])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || current === null) return
    if (!(event.target instanceof HTMLElement) || event.target.dataset["open"] === undefined) return
    const next = neighbour(layout, current, event.key)
    if (next === null) return
    event.preventDefault()
    setFocused(next)
    floor.current?.querySelector<HTMLElement>(`[data-run="${CSS.escape(next)}"] [data-open]`)?.focus()
  }

  return (
    <AgentContextMenu offline={offline} onWhisper={onWhisper}>
      <div className={styles.stage} data-testid="choir-stage">
        <section
          ref={floor}
          className={styles.floor}
          style={{ height: layout.height }}
          aria-label="Agents at work"
          onKeyDown={onKeyDown}
        >
          {layout.columns > 1 && <Edges layout={layout} waits={waits} lit={pointed} />}
          {layout.heads.map(({ count, depth, y }) => (
            <h3 key={depth} className={styles.tier} style={{ transform: `translateY(${y}px)` }}>
              {tierName(depth)} <span className={styles.count}>{count}</span>
            </h3>
          ))}
          <ul>
            {room.tiers.flatMap((tier) =>
              tier.cards.map((card) => {
                const place = layout.places.get(card.run_id)
                if (place === undefined) return null
                const parent = card.parent_run_id === null ? undefined : cards.get(card.parent_run_id)
                return (
                  <StageCard
                    key={card.run_id}
                    card={card}
                    by={parent === undefined ? null : plainName(parent.agent)}
                    x={place.x}
                    y={place.y}
                    width={layout.cardWidth}
                    height={layout.cardHeight}
                    current={card.run_id === current}
                    lit={pointed !== null && (card.parent_run_id === pointed || isParent(cards, pointed, card.run_id))}
                    offline={offline}
                    onWhisper={onWhisper}
                    onPoint={setPointed}
                    onFocus={open}
                  />
                )
              })
            )}
          </ul>
        </section>
        <EndedRows today={room.today} earlier={room.earlier} onTable={onTable} />
      </div>
    </AgentContextMenu>
  )
}

const noLayout: StageLayout = layoutStage([], 0)

const isParent = (cards: ReadonlyMap<string, ChoirCard>, child: string, parent: string): boolean =>
  cards.get(child)?.parent_run_id === parent

/** As `parent>child`: who waits for whom. */
const waitingEdges = (cards: ReadonlyArray<ChoirCard>): string =>
  cards
    .filter(({ phase }) => phase === "waiting_on_agent")
    .flatMap(({ run_id, tasks }) => tasks.map((task) => `${run_id}>${task}`))
    .join(" ")

interface EdgesProps {
  readonly layout: StageLayout
  readonly waits: string
  readonly lit: string | null
}

const Edges = memo(({ layout, lit, waits }: EdgesProps) => {
  const waiting = new Set(waits.split(" "))
  return (
    <svg className={styles.edges} width="100%" height={layout.height} aria-hidden="true">
      {layout.edges.map(({ from, path, to }) => (
        <path
          key={to}
          d={path}
          data-waits={waiting.has(`${from}>${to}`)}
          data-lit={lit !== null && (from === lit || to === lit)}
        />
      ))}
    </svg>
  )
})

/** The card that an arrow key goes to: the nearest one in that direction. */
const neighbour = ({ places }: StageLayout, from: string, key: string): string | null => {
  const all = [...places.values()]
  const at = all.findIndex(({ run_id }) => run_id === from)
  const here = all[at]
  if (here === undefined) return null
  switch (key) {
    case "ArrowRight":
      return all[at + 1]?.run_id ?? null
    case "ArrowLeft":
      return all[at - 1]?.run_id ?? null
    case "Home":
      return all[0]?.run_id ?? null
    case "End":
      return all.at(-1)?.run_id ?? null
    case "ArrowDown":
    case "ArrowUp": {
      const down = key === "ArrowDown"
      const beyond = all.filter(({ y }) => (down ? y > here.y : y < here.y))
      const rows = beyond.map(({ y }) => y)
      const row = down ? Math.min(...rows) : Math.max(...rows)
      const near = beyond.filter(({ y }) => y === row).sort((a, b) => Math.abs(a.x - here.x) - Math.abs(b.x - here.x))
      return near[0]?.run_id ?? null
    }
    default:
      return null
  }
}
