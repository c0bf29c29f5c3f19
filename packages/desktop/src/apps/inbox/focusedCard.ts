/**
 * Which approval the keys are for: the card that has the focus, in whatever window it is; else the only one of the window
 * in front.
 *
 * Law: who is writing decides nothing by accident: outside of a card no text field gives way to these keys.
 */
import { Check, X } from "lucide-react"
import { type RefObject, useEffect, useRef } from "react"
import { takeUp } from "../../actions/appActions.ts"
import { desktopStore } from "../../state/desktop.ts"

export interface CardKeys {
  readonly approve: () => void
  readonly deny: () => void
}

interface Card {
  readonly element: HTMLElement
  readonly keys: () => CardKeys
}

const cards = new Set<Card>()
const editable = "input, textarea, select, [contenteditable='true']"

const cardInFront = (): Card | undefined => {
  const focused = document.activeElement
  const holding = [...cards].find(({ element }) => element.contains(focused))
  if (holding !== undefined) return holding
  if (focused?.matches(editable) === true) return undefined
  const { active } = desktopStore.getState()
  const frame = active === null ? null : document.querySelector(`[data-window="${CSS.escape(active)}"]`)
  if (frame === null || (focused !== document.body && !frame.contains(focused))) return undefined
  const inside = [...cards].filter(({ element }) => frame.contains(element))
  return inside.length === 1 ? inside[0] : undefined
}

const isWriting = (): boolean => document.activeElement?.matches(editable) === true

let putDown: (() => void) | null = null

const add = (card: Card): (() => void) => {
  cards.add(card)
  putDown ??= takeUp({
    "approval.approve": {
      icon: Check,
      when: () => cardInFront() !== undefined,
      run: () => cardInFront()?.keys().approve()
    },
    "approval.deny": {
      icon: X,
      // In a text these keys erase a word.
      when: () => !isWriting() && cardInFront() !== undefined,
      run: () => cardInFront()?.keys().deny()
    }
  })
  return () => {
    cards.delete(card)
    if (cards.size > 0) return
    putDown?.()
    putDown = null
  }
}

/** Gives the card its keys for as long as it is shown; null: it takes none. */
export const useCardKeys = (ref: RefObject<HTMLElement | null>, keys: CardKeys | null): void => {
  const latest = useRef(keys)
  useEffect(() => {
    latest.current = keys
  })
  const takes = keys !== null
  useEffect(() => {
    const element = ref.current
    if (element === null || !takes) return
    const nothing: CardKeys = { approve: () => undefined, deny: () => undefined }
    return add({ element, keys: () => latest.current ?? nothing })
  }, [ref, takes])
}
