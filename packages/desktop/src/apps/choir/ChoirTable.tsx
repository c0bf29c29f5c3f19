import type { ChoirCard } from "@choiros/protocol"

interface TableProps {
  readonly cards: ReadonlyMap<string, ChoirCard>
  readonly now: number
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

export const ChoirTable = (_: TableProps) => null
