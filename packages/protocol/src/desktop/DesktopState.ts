/**
 * A desktop, as a fold over its events: windows from bottom to top, and the apps that they can be.
 *
 * Law: the active window is the highest that is not minimized, or none; a window's bounds are those of its normal
 * state, whatever it is shown as, so that a restore loses nothing.
 *
 *   normal ── snapped ──▶ snapped ── moved | resized | zone null ──▶ normal
 *     └────── maximized ──▶ maximized ── restored ──▶ as before, or normal at a place of its own
 *   (minimized lies over each of these, and its restore uncovers it)
 *
 * `z_index` is the `seq` of the event that raised the window. One that is opened without being raised comes under the
 * active one, which is raised over it. The live state and the replay are the same fold.
 */
import type { Event } from "../Event.ts"
import type { App, Props, Zone } from "../events/desktop.ts"
import { type EventType, isEvent } from "../events.ts"
import { builtInApps } from "./apps.ts"

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

/** What every desktop is before anything happened to it. Further apps are registered. */
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
  "desktop.window_updated",
  "desktop.app_registered"
] as const satisfies ReadonlyArray<EventType>

/** One event further. What it does not know (another family, a window that is gone) leaves the state as it is. */
export const evolveDesktop = (state: DesktopState, event: Event): DesktopState => {
  if (isEvent(event, "desktop.window_opened")) {
    const { window_id, app_id, title, x, y, width, height, zone, maximized, raise, props } = event.payload
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
      maximized: maximized === true,
      zone: zone ?? null,
      props
    }
    return raise === false ? openUnder(state, opened) : { ...state, windows: [...state.windows, opened] }
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
    const { window_id, width, height, x, y } = event.payload
    return change(state, window_id, (window) => ({
      ...window,
      x: x ?? window.x,
      y: y ?? window.y,
      width,
      height,
      zone: null
    }))
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
    const { window_id, x, y, zone } = event.payload
    return raise(state, window_id, event.seq, (window) => {
      if (window.hidden) return { ...window, hidden: false }
      return zone === null ? { ...window, maximized: false, x, y, zone } : { ...window, maximized: false }
    })
  }
  if (isEvent(event, "desktop.window_snapped")) {
    const { window_id, zone } = event.payload
    return raise(state, window_id, event.seq, (window) => ({ ...window, zone, maximized: false, hidden: false }))
  }
  if (isEvent(event, "desktop.window_updated")) {
    const { window_id, title, props } = event.payload
    return change(state, window_id, (window) => ({
      ...window,
      title: title ?? window.title,
      props: props ?? window.props
    }))
  }
  if (isEvent(event, "desktop.app_registered")) {
    const { app } = event.payload
    const known = state.apps.some(({ id }) => id === app.id)
    return { ...state, apps: known ? state.apps.map((old) => (old.id === app.id ? app : old)) : [...state.apps, app] }
  }
  return state
}

/**
 * The window that an `Open` means, where what it would show is shown already: the one of its app, or the one that shows
 * the same object. An object that is not named is a new one.
 */
export const sameWindow = (
  { apps, windows }: DesktopState,
  { app_id, props = {} }: { readonly app_id: string; readonly props?: Props | undefined }
): WindowState | undefined => {
  const app = apps.find(({ id }) => id === app_id)
  const ofApp = windows.filter((window) => window.app_id === app_id)
  if (app?.identity === "one") return ofApp.at(-1)
  const names = app?.identity === "object" ? (app.object ?? []) : []
  if (names.every((name) => isAbsent(props[name]))) return undefined
  const wanted = objectOf(names, props)
  return ofApp.findLast((window) => objectOf(names, window.props) === wanted)
}

const isAbsent = (value: Props[string] | undefined): boolean => value === undefined || value === null

const objectOf = (names: ReadonlyArray<string>, props: Props): string =>
  JSON.stringify(names.map((name) => props[name] ?? null))

export const findWindow = (state: DesktopState, windowId: string): WindowState | undefined =>
  state.windows.find(({ id }) => id === windowId)

/** The id of the window that has the keyboard: the highest that is shown. */
export const activeWindow = (state: DesktopState): string | null =>
  state.windows.findLast((window) => !window.hidden)?.id ?? null

const change = (state: DesktopState, windowId: string, update: (window: WindowState) => WindowState): DesktopState => ({
  ...state,
  windows: state.windows.map((window) => (window.id === windowId ? update(window) : window))
})

/** The active window takes the new one's place on top, and leaves it its own. */
const openUnder = (state: DesktopState, opened: WindowState): DesktopState => {
  const at = state.windows.findLastIndex((window) => !window.hidden)
  const active = state.windows[at]
  if (active === undefined) return { ...state, windows: [...state.windows, opened] }
  return {
    ...state,
    windows: [
      ...state.windows.slice(0, at),
      { ...opened, z_index: active.z_index },
      ...state.windows.slice(at + 1),
      { ...active, z_index: opened.z_index }
    ]
  }
}

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
