/**
 * Who writes on a card goes on writing when it becomes another element, alone or in a group: what is typed next must not
 * be taken for the keys of a card.
 */
import { type RefObject, useLayoutEffect } from "react"

interface Left {
  readonly id: string
  readonly window: Element | null
  /** Which of the card's fields. */
  readonly at: number
  readonly selection: readonly [number, number] | null
}

/** Where the keyboard was in what is taken out of the page just now. */
let left: Left | null = null

const fieldsOf = (card: HTMLElement) => [
  ...card.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("input, textarea")
]
const windowOf = (card: HTMLElement) => card.closest("[data-window]")

const leave = (id: string, card: HTMLElement): void => {
  const fields = fieldsOf(card)
  const at = fields.findIndex((field) => field === document.activeElement)
  const field = fields[at]
  if (field === undefined) return
  const { selectionEnd, selectionStart } = field
  const selection = selectionStart === null || selectionEnd === null ? null : ([selectionStart, selectionEnd] as const)
  left = { id, window: windowOf(card), at, selection }
  // What takes its place comes in the same turn.
  queueMicrotask(() => {
    left = null
  })
}

const takeUp = (id: string, card: HTMLElement): void => {
  if (left?.id !== id || left.window !== windowOf(card)) return
  const field = fieldsOf(card)[left.at]
  field?.focus({ preventScroll: true })
  if (left.selection !== null) field?.setSelectionRange(...left.selection)
}

/** `id` is the request's: by it the card is known again. */
export const useKeptFocus = (ref: RefObject<HTMLElement | null>, id: string): void =>
  useLayoutEffect(() => {
    const card = ref.current
    if (card === null) return
    takeUp(id, card)
    return () => leave(id, card)
  }, [ref, id])
