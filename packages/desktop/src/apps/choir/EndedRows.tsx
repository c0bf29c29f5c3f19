/** Who is done, one row a run: today's first, what was before on demand. */
import type { ChoirCard } from "@choiros/protocol"
import { ChevronRight } from "lucide-react"
import { memo, useState } from "react"
import { plainName } from "../../content/plainText.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { Button } from "../../ui/Button.tsx"
import { calendarDate, clockTime, duration, money, tokens } from "../../ui/format.ts"
import { phaseWords } from "../../ui/phaseWords.ts"
import { present } from "../../ui/present.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import styles from "./EndedRows.module.css"
import { elapsed } from "./room.ts"
import { openRun } from "./verbs.ts"

interface EndedRowsProps {
  readonly today: ReadonlyArray<ChoirCard>
  readonly earlier: ReadonlyArray<ChoirCard>
  readonly onTable: () => void
}

/** Rows that are drawn here; the table has them all. */
const most = 60

export const EndedRows = memo(
  ({ today, earlier, onTable }: EndedRowsProps) => (
    <div className={styles.ended}>
      {today.length > 0 && <Group title="Ended today" cards={today} initially={today.length <= 6} onTable={onTable} />}
      {earlier.length > 0 && <Group title="Ended before" cards={earlier} initially={false} onTable={onTable} />}
    </div>
  ),
  (a, b) => same(a.today, b.today) && same(a.earlier, b.earlier) && a.onTable === b.onTable
)

const same = (a: ReadonlyArray<ChoirCard>, b: ReadonlyArray<ChoirCard>): boolean =>
  a.length === b.length && a.every((card, index) => card === b[index])

interface GroupProps {
  readonly title: string
  readonly cards: ReadonlyArray<ChoirCard>
  readonly initially: boolean
  readonly onTable: () => void
}

const Group = ({ title, cards, initially, onTable }: GroupProps) => {
  const [open, setOpen] = useState(initially)
  return (
    <section aria-label={title}>
      <h3>
        <button type="button" className={styles.toggle} aria-expanded={open} onClick={() => setOpen(!open)}>
          <ChevronRight size={14} strokeWidth={1.75} aria-hidden="true" className={styles.chevron} />
          {title} <span className={styles.count}>{cards.length}</span>
        </button>
      </h3>
      {open && (
        <ul className={styles.rows}>
          {cards.slice(0, most).map((card) => (
            <Row key={card.run_id} card={card} />
          ))}
        </ul>
      )}
      {open && cards.length > most && (
        <Button size="s" variant="ghost" onClick={onTable}>
          See all {cards.length} in the table
        </Button>
      )}
    </section>
  )
}

const Row = memo(({ card }: { readonly card: ChoirCard }) => {
  const { agent, ended_at, objective, phase, run_id, spent } = card
  return (
    <li data-run={run_id}>
      <button type="button" className={styles.row} onClick={() => openRun(card)}>
        <StateIcon phase={phase} />
        <AgentMark name={agent} size={12} />
        <span className={styles.agent}>{plainName(agent)}</span>
        <span className={styles.objective}>{plainName(objective)}</span>
        {phase !== "done" && <span className={styles.word}>{phaseWords[phase].label}</span>}
        <span className={styles.number}>{duration(elapsed(card, 0))}</span>
        <span className={styles.wide}>{tokens(spent.tokens)}</span>
        <span className={styles.wide}>{spent.cost > 0 ? money(spent.cost) : ""}</span>
        <time className={styles.number} dateTime={ended_at ?? undefined}>
          {ended_at === null ? "" : endWords(ended_at)}
        </time>
      </button>
    </li>
  )
})

const endWords = (iso: string): string => {
  const now = present()
  return Date.parse(iso) < new Date(now).setHours(0, 0, 0, 0) ? calendarDate(iso, now) : clockTime(iso)
}
