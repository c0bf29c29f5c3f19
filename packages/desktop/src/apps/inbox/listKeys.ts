/** j and k go from one thing of the inbox to the next, Enter opens the one that has the focus. */
import { type RefObject, useEffect } from "react"
import { type Doing, takeUp } from "../../actions/appActions.ts"
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
      const { target } = event
      if (root === null || event.key !== "Enter" || event.defaultPrevented) return
      if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return
      if (!rowsOf(root).includes(target)) return
      openRow(target)
      event.preventDefault()
    }
    const go = (by: 1 | -1): Doing => ({
      when: () => list.current !== null && isHere(list.current),
      run: () => {
        if (list.current !== null) goBy(list.current, by)
      }
    })
    const putDown = takeUp({ "inbox.next": go(1), "inbox.previous": go(-1) })
    document.addEventListener("keydown", pressed)
    return () => {
      putDown()
      document.removeEventListener("keydown", pressed)
    }
  }, [list, active])
}

/** The keyboard is in the inbox, or nowhere, and nobody writes. */
const isHere = (root: HTMLElement): boolean => {
  const { activeElement } = document
  if (activeElement === null || activeElement === document.body) return true
  return !activeElement.matches(editable) && root.closest("[data-window]")?.contains(activeElement) === true
}

/** A request within a group is one of the group. */
const rowsOf = (root: HTMLElement): ReadonlyArray<HTMLElement> =>
  [...root.querySelectorAll<HTMLElement>(rows)].filter((row) => row.parentElement?.closest(rows) === null)

const goBy = (root: HTMLElement, by: 1 | -1): void => {
  const all = rowsOf(root)
  const at = all.findIndex((row) => row.contains(document.activeElement))
  const to = at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))
  all[to]?.focus()
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
