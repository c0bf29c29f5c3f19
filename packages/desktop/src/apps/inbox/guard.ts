/**
 * The moment in which a decision is not taken: a card has just come, or a button has just moved under the pointer.
 *
 * Law: for 400 ms after a card comes or changes, and after any card goes, no click and no key decides.
 */
import { useEffect, useState } from "react"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"

const guardedMs = 400

/** Counts the times that the cards have moved. */
const movesStore = createStore<{ readonly moves: number }>(() => ({ moves: 0 }))

export const cardsMoved = (): void => movesStore.setState(({ moves }) => ({ moves: moves + 1 }))

/** True while what `shown` names is too new to be decided. */
export const useGuard = (shown: string): boolean => {
  const moves = useStore(movesStore, (store) => store.moves)
  const now = `${moves} ${shown}`
  const [looked, setLooked] = useState<string | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setLooked(now), guardedMs)
    return () => clearTimeout(timer)
  }, [now])
  return looked !== now
}
