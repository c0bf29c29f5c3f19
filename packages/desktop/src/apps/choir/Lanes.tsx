import type { ChoirCard } from "@choiros/protocol"
import type { Room } from "./room.ts"

interface LanesProps {
  readonly room: Room
  readonly cards: ReadonlyMap<string, ChoirCard>
  readonly visible: boolean
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

export const Lanes = (_: LanesProps) => null
