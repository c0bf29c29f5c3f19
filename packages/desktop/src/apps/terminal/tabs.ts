/**
 * The tabs of a terminal window: which terminals it shows, in their order.
 *
 * Law: they are in the window's props, so that every screen shows the same. A terminal that a window made carries the
 * window's id in its own (`<window id>.<n>`): by that the computer ends it when the window is closed and nothing runs in it.
 */
import type { Props, WindowState } from "@choiros/protocol"

/** Terminals of a window. */
const mostTabs = 32

const ownId = (window_id: string, n: number): string => `${window_id}.${n}`

export const isOwn = (window_id: string, terminal_id: string): boolean => terminal_id.startsWith(`${window_id}.`)

/** At least one. `terminal_id` is what a window was opened for. */
export const tabsOf = (window_id: string, { tabs, terminal_id }: Props): ReadonlyArray<string> => {
  const kept = Array.isArray(tabs) ? tabs.filter((id): id is string => typeof id === "string" && id !== "") : []
  if (kept.length > 0) return [...new Set(kept)].slice(0, mostTabs)
  return [typeof terminal_id === "string" && terminal_id !== "" ? terminal_id : ownId(window_id, 1)]
}

export const hasRoom = (tabs: ReadonlyArray<string>): boolean => tabs.length < mostTabs

/** An id that neither the window nor the computer has. */
export const nextId = (window_id: string, tabs: ReadonlyArray<string>, known: ReadonlyArray<string>): string => {
  const numbers = [...tabs, ...known]
    .filter((id) => isOwn(window_id, id))
    .map((id) => Number(id.slice(window_id.length + 1)))
    .filter((n) => Number.isSafeInteger(n))
  return ownId(window_id, Math.max(0, ...numbers) + 1)
}

/** The neighbour of a tab that goes: the one after it, else the one before. */
export const neighbour = (tabs: ReadonlyArray<string>, terminal_id: string): string | undefined => {
  const at = tabs.indexOf(terminal_id)
  return tabs[at + 1] ?? tabs[at - 1]
}

/** Terminals that some window shows. */
export const shownTerminals = (windows: ReadonlyArray<WindowState>): ReadonlySet<string> =>
  new Set(windows.flatMap(({ app_id, id, props }) => (app_id === "terminal" ? tabsOf(id, props) : [])))
