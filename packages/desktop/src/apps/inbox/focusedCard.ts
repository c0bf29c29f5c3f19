/**
 * Which approval the keys are for: the card that has the focus, in whatever window it is; else the only one of the window
 * in front.
 *
 * Law: who is writing decides nothing by accident: outside of a card no text field gives way to these keys. The focus of a
 * card that is decided stays in its window: on the next that waits there, or on the window.
 */
import { Check, X } from "lucide-react"
import { type RefObject, useEffect, useRef } from "react"
import { registerActions } from "../../actions/Action.ts"
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
/** Where the focus was last, among them. */
let held: Card | null = null
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

let unregister: (() => void) | null = null

const add = (card: Card): (() => void) => {
  cards.add(card)
  unregister ??= registerActions([
    {
      id: "approval.approve",
      title: "Allow what is focused, once",
      group: "Approvals",
      icon: Check,
      keys: ["Mod+Enter"],
      when: () => cardInFront() !== undefined,
      run: () => cardInFront()?.keys().approve()
    },
    {
      id: "approval.deny",
      title: "Deny what is focused",
      group: "Approvals",
      icon: X,
      keys: ["Mod+Backspace"],
      // In a text these keys erase a word.
      when: () => !isWriting() && cardInFront() !== undefined,
      run: () => cardInFront()?.keys().deny()
    }
  ])
  const frame = card.element.closest<HTMLElement>("[data-window]")
  const listening = new AbortController()
  // Where the focus, or a hand, is by now. That a card which is taken out of the page loses it is no choice of the person.
  const follow = ({ target }: Event) => {
    if (target instanceof Node && card.element.contains(target)) held = card
    else if (held === card) held = null
  }
  document.addEventListener("focusin", follow, { signal: listening.signal })
  document.addEventListener("pointerdown", follow, { signal: listening.signal, capture: true })
  return () => {
    listening.abort()
    cards.delete(card)
    if (held === card) passOn(frame)
    if (cards.size > 0) return
    unregister?.()
    unregister = null
  }
}

/** What has had the focus is gone, and nothing has taken it. */
const passOn = (frame: HTMLElement | null): void => {
  held = null
  if (frame === null || document.activeElement !== document.body) return
  const next = [...cards].find(({ element }) => frame.contains(element))
  ;(next?.element ?? frame).focus({ preventScroll: next === undefined })
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
