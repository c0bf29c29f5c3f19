/**
 * The choir as this app draws it: the store's cards, at most four times a second.
 *
 * Law: however many events come, a change is drawn within a quarter of a second and not twice in one; what is not shown is
 * not drawn at all.
 */
import type { ChoirCard } from "@choiros/protocol"
import { useEffect, useState } from "react"
import { choirStore } from "../../state/choir.ts"
import { throttle } from "./throttle.ts"

type Cards = ReadonlyMap<string, ChoirCard>

export interface ChoirSnapshot {
  readonly cards: Cards
  /** False until the computer has told who works. */
  readonly known: boolean
}

const every = 250

const read = (): ChoirSnapshot => {
  const { choir, known } = choirStore.getState()
  return { cards: choir.cards, known }
}

export const useChoir = (visible: boolean): ChoirSnapshot => {
  const [snapshot, setSnapshot] = useState(read)
  useEffect(() => {
    if (!visible) return
    const { changed, stop } = throttle(() => {
      setSnapshot((before) => {
        const now = read()
        return before.cards === now.cards && before.known === now.known ? before : now
      })
    }, every)
    changed()
    const leave = choirStore.subscribe(changed)
    return () => {
      leave()
      stop()
    }
  }, [visible])
  return snapshot
}
