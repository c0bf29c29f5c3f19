/**
 * From window to window while Alt is held, the one that was in front last first.
 *
 *   closed ── Alt+Backquote ──▶ open ── again, Shift+again, arrows ──▶ another is chosen
 *     ▲                          └──── Alt let go, Enter, click ──▶ the chosen one comes to the front ──┐
 *     └──── Escape ───────────────────────────────────────────────────────────────────────────────────┘
 */
import { createStore } from "zustand/vanilla"
import { desktopStore } from "../state/desktop.ts"
import { focusWindow } from "../state/windows.ts"
import { leavePromptFor } from "./prompt/focus.ts"

interface SwitcherStore {
  /** From the front to the back; null: closed. */
  readonly ids: ReadonlyArray<string> | null
  readonly chosen: number
}

export const switcherStore = createStore<SwitcherStore>(() => ({ ids: null, chosen: 0 }))

/** By keys that hold Alt, letting it go decides; from a menu, Enter or a click does. */
let isHeld = false
window.addEventListener(
  "keydown",
  ({ altKey }) => {
    isHeld = altKey
  },
  { capture: true }
)

export const step = (by: 1 | -1): void => {
  const { chosen, ids } = switcherStore.getState()
  if (ids !== null) {
    if (ids.length > 0) switcherStore.setState({ chosen: (chosen + by + ids.length) % ids.length })
    return
  }
  const { active, state } = desktopStore.getState()
  const order = state.windows.map(({ id }) => id).toReversed()
  // Minimized ones come after all that can be seen.
  const hidden = new Set(state.windows.filter((one) => one.hidden).map(({ id }) => id))
  const next = [...order.filter((id) => !hidden.has(id)), ...order.filter((id) => hidden.has(id))]
  if (next.length === 0) return
  const first = active === null ? 0 : 1
  switcherStore.setState({ ids: next, chosen: by === 1 ? Math.min(first, next.length - 1) : next.length - 1 })
  if (isHeld) window.addEventListener("keyup", onKeyUp, { capture: true })
}

const onKeyUp = ({ key }: KeyboardEvent): void => {
  if (key === "Alt") decide()
}

export const decide = (): void => {
  const { chosen, ids } = switcherStore.getState()
  const id = ids?.[chosen]
  leave()
  if (id !== undefined) leavePromptFor(() => focusWindow(id))
}

export const choose = (chosen: number): void => {
  switcherStore.setState({ chosen })
  decide()
}

export const leave = (): void => {
  window.removeEventListener("keyup", onKeyUp, { capture: true })
  switcherStore.setState({ ids: null, chosen: 0 })
}
