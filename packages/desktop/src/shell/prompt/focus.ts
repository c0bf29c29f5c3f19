/**
 * The keyboard between the prompt and the window in front.
 *
 * Law: on a narrow screen, where the prompt has a view of its own, to go to it is to show that view.
 */
import { desktopStore } from "../../state/desktop.ts"
import { areaStore } from "../area.ts"
import { compactStore, showView } from "../compact.ts"

const promptElement: { current: HTMLTextAreaElement | null } = { current: null }

/** Where the keyboard was before the prompt had it. */
let before: HTMLElement | null = null

/** The prompt was gone to, and is not drawn yet. */
let isWanted = false

/** While it is drawn; returns the way to end it. */
export const promptIs = (element: HTMLTextAreaElement): (() => void) => {
  promptElement.current = element
  if (isWanted) element.focus()
  isWanted = false
  return () => {
    if (promptElement.current === element) promptElement.current = null
  }
}

export const isInPrompt = (): boolean =>
  promptElement.current !== null && document.activeElement === promptElement.current

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body

export const focusPrompt = (): void => {
  const { activeElement } = document
  if (!isInPrompt())
    before = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : null
  if (areaStore.getState().layout === "compact" && promptElement.current === null) {
    isWanted = true
    showView("ask")
  } else promptElement.current?.focus()
}

export const backToWindow = (): void => {
  promptElement.current?.blur()
  const { active } = desktopStore.getState()
  const frame = active === null ? null : document.querySelector<HTMLElement>(`[data-window="${CSS.escape(active)}"]`)
  if (frame === null) return
  if (compactStore.getState().view === "ask") showView(null)
  if (before !== null && frame.contains(before)) before.focus()
  else frame.focus({ preventScroll: true })
}

/** There, and again: back. */
export const togglePrompt = (): void => (isInPrompt() ? backToWindow() : focusPrompt())

/** The keyboard leaves the prompt, or is found again, for the window that this brings to the front, at once or when it has found it. */
export const leavePromptFor = (show: () => unknown): void => {
  const inFront = desktopStore.getState().active
  const leave = (): void => {
    const { active } = desktopStore.getState()
    if (active === null || !(isInPrompt() || isNowhere())) return
    if (active === inFront) backToWindow()
    // The window takes it when it is drawn.
    else promptElement.current?.blur()
  }
  const shown = show()
  // Who has begun to write another line meanwhile goes on with it.
  if (shown instanceof Promise) void shown.then(() => promptElement.current?.value === "" && leave())
  else leave()
}
