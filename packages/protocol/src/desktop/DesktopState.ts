/**
 * A desktop, as a fold over its events: windows from bottom to top, and the apps that they can be.
 *
 * Law: the active window is the highest that is not minimized, or none; a window's bounds are those of its normal
 * state, whatever it is shown as, so that a restore loses nothing.
 *
 *   normal ── snapped ──▶ snapped ── moved | resized | zone null ──▶ normal
 *     └────── maximized ──▶ maximized ── restored ──▶ as before
 *   (minimized lies over each of these, and its restore uncovers it)
 *
 * `z_index` is the `seq` of the event that raised the window. The live state and the replay are the same fold.
 */
import type { Event } from "../Event.ts"
import type { App, Props, Zone } from "../events/desktop.ts"
import { type EventType, isEvent } from "../events.ts"

export interface WindowState {
  readonly id: string
  readonly app_id: string
  readonly title: string
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
  readonly z_index: number
  readonly hidden: boolean
  readonly maximized: boolean
  readonly zone: Zone | null
  readonly props: Props
}

/** JSON as it stands, so that a snapshot is the state. */
export interface DesktopState {
  /** From bottom to top. */
  readonly windows: ReadonlyArray<WindowState>
  readonly apps: ReadonlyArray<App>
}

/** What every desktop has before anything happened to it: the apps that are there to be opened. Others are registered. */
const builtInApps: ReadonlyArray<App> = [
  {
    id: "chat",
    name: "Chat",
    icon: "message-square",
    component_code: "ChatApp",
    default_width: 800,
    default_height: 600
  }
]

export const initialDesktop: DesktopState = { windows: [], apps: builtInApps }

/** The event types that a desktop is folded from. */
export const desktopEventTypes = [
  "desktop.window_opened",
  "desktop.window_closed",
  "desktop.window_moved",
  "desktop.window_resized",
  "desktop.window_focused",
  "desktop.window_minimized",
  "desktop.window_maximized",
  "desktop.window_restored",
  "desktop.window_snapped",
  "desktop.app_registered"
] as const satisfies ReadonlyArray<EventType>

/** One event further. What it does not know (another family, a window that is gone) leaves the state as it is. */
export const evolveDesktop = (state: DesktopState, event: Event): DesktopState => {
  if (isEvent(event, "desktop.window_opened")) {
    const { window_id, app_id, title, x, y, width, height, props } = event.payload
    if (findWindow(state, window_id) !== undefined) return state
    const opened: WindowState = {
      id: window_id,
      app_id,
      title,
      x,
      y,
      width,
      height,
      z_index: event.seq,
      hidden: false,
      maximized: false,
      zone: null,
      props
    }
    return { ...state, windows: [...state.windows, opened] }
  }
  if (isEvent(event, "desktop.window_closed")) {
    const { window_id } = event.payload
    return { ...state, windows: state.windows.filter((window) => window.id !== window_id) }
  }
  if (isEvent(event, "desktop.window_moved")) {
    const { window_id, x, y } = event.payload
    return change(state, window_id, (window) => ({ ...window, x, y, zone: null }))
  }
  if (isEvent(event, "desktop.window_resized")) {
    const { window_id, width, height } = event.payload
    return change(state, window_id, (window) => ({ ...window, width, height, zone: null }))
  }
  if (isEvent(event, "desktop.window_focused")) {
    return raise(state, event.payload.window_id, event.seq, (window) => window)
  }
  if (isEvent(event, "desktop.window_minimized")) {
    return change(state, event.payload.window_id, (window) => ({ ...window, hidden: true }))
  }
  if (isEvent(event, "desktop.window_maximized")) {
    return raise(state, event.payload.window_id, event.seq, (window) => ({ ...window, maximized: true, hidden: false }))
  }
  if (isEvent(event, "desktop.window_restored")) {
    return raise(state, event.payload.window_id, event.seq, (window) =>
      window.hidden ? { ...window, hidden: false } : { ...window, maximized: false }
    )
  }
  if (isEvent(event, "desktop.window_snapped")) {
    const { window_id, zone } = event.payload
    return raise(state, window_id, event.seq, (window) => ({ ...window, zone, maximized: false, hidden: false }))
  }
  if (isEvent(event, "desktop.app_registered")) {
    const { app } = event.payload
    const known = state.apps.some(({ id }) => id === app.id)
    return { ...state, apps: known ? state.apps.map((old) => (old.id === app.id ? app : old)) : [...state.apps, app] }
  }
  return state
}

export const findWindow = (state: DesktopState, windowId: string): WindowState | undefined =>
  state.windows.find(({ id }) => id === windowId)

/** The id of the window that has the keyboard: the highest that is shown. */
export const activeWindow = (state: DesktopState): string | null =>
  state.windows.findLast((window) => !window.hidden)?.id ?? null

const change = (state: DesktopState, windowId: string, update: (window: WindowState) => WindowState): DesktopState => ({
  ...state,
  windows: state.windows.map((window) => (window.id === windowId ? update(window) : window))
})

const raise = (
  state: DesktopState,
  windowId: string,
  seq: number,
  update: (window: WindowState) => WindowState
): DesktopState => {
  const window = findWindow(state, windowId)
  if (window === undefined) return state
  const others = state.windows.filter(({ id }) => id !== windowId)
  return { ...state, windows: [...others, { ...update(window), z_index: seq }] }
}
