/** The keyboard between the prompt and the window in front. */
import { desktopStore } from "../../state/desktop.ts"

export const promptElement: { current: HTMLTextAreaElement | null } = { current: null }

/** Where the keyboard was before the prompt had it. */
let before: HTMLElement | null = null

const isInPrompt = (): boolean => promptElement.current !== null && document.activeElement === promptElement.current

export const focusPrompt = (): void => {
  const { activeElement } = document
  if (!isInPrompt())
    before = activeElement instanceof HTMLElement && activeElement !== document.body ? activeElement : null
  promptElement.current?.focus()
}

export const backToWindow = (): void => {
  promptElement.current?.blur()
  const { active } = desktopStore.getState()
  const frame = active === null ? null : document.querySelector<HTMLElement>(`[data-window="${CSS.escape(active)}"]`)
  if (frame === null) return
  if (before !== null && frame.contains(before)) before.focus()
  else frame.focus({ preventScroll: true })
}

/** There, and again: back. */
export const togglePrompt = (): void => (isInPrompt() ? backToWindow() : focusPrompt())

/** The keyboard leaves the prompt for the window that this brings to the front, at once or when it has found it. */
export const leavePromptFor = (show: () => unknown): void => {
  const inFront = desktopStore.getState().active
  const leave = (): void => {
    const { active } = desktopStore.getState()
    if (!isInPrompt() || active === null) return
    if (active === inFront) backToWindow()
    // The window takes it when it is drawn.
    else promptElement.current?.blur()
  }
  const shown = show()
  // Who has begun to write another line meanwhile goes on with it.
  if (shown instanceof Promise) void shown.then(() => promptElement.current?.value === "" && leave())
  else leave()
}
