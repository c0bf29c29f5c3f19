/** j and k go from one thing of the inbox to the next, Enter opens the one that has the focus. */
import { type RefObject, useEffect } from "react"
import { choirStore } from "../../state/choir.ts"
import { waitingStore } from "../../state/waiting.ts"
import { openApp } from "../../state/windows.ts"
import { openEnded } from "./EndedRow.tsx"

const rows = "[data-approval], [data-group], [data-question], [data-ended]"
const editable = "input, textarea, select"

/** While the window is in front, wherever in it the focus is. */
export const useListKeys = (list: RefObject<HTMLElement | null>, active: boolean): void => {
  useEffect(() => {
    if (!active) return
    const pressed = (event: KeyboardEvent): void => {
      const root = list.current
      if (root === null || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      const { target } = event
      if (!(target instanceof HTMLElement) || target.matches(editable)) return
      if (target === document.body || root.closest("[data-window]")?.contains(target) === true)
        onKey(event, target, root)
    }
    document.addEventListener("keydown", pressed)
    return () => document.removeEventListener("keydown", pressed)
  }, [list, active])
}

const onKey = (event: KeyboardEvent, target: HTMLElement, root: HTMLElement): void => {
  // A request within a group is one of the group.
  const all = [...root.querySelectorAll<HTMLElement>(rows)].filter((row) => row.parentElement?.closest(rows) === null)
  if (event.key === "j" || event.key === "k") {
    const at = all.findIndex((row) => row.contains(target))
    const to = at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))
    all[to]?.focus()
    event.preventDefault()
  } else if (event.key === "Enter" && all.includes(target)) {
    openRow(target)
    event.preventDefault()
  }
}

const openRow = (row: HTMLElement): void => {
  const { approval, ended, group, question } = row.dataset
  if (ended !== undefined) {
    const card = choirStore.getState().choir.cards.get(ended)
    if (card !== undefined) openEnded(card)
  } else if (question !== undefined) row.querySelector("textarea")?.focus()
  else if (group !== undefined) row.querySelector<HTMLElement>("button[aria-expanded]")?.focus()
  else if (approval !== undefined) {
    const run_id = waitingStore.getState().waiting.approvals.get(approval)?.run_id
    if (run_id !== undefined) openApp("run", { run_id })
  }
}
