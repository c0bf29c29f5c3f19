/**
 * What people and links do with windows, in the desktop's own commands.
 *
 * Law: to open what is open is to focus it, and to focus what is hidden is to restore it. What a window was last asked to
 * show (a step, a line) is of this screen alone.
 */
import {
  type DesktopCommand,
  type DesktopState,
  decideDesktop,
  findWindow,
  type Props,
  sameWindow,
  ulid,
  type WindowState,
  type Zone
} from "@choiros/protocol"
import * as Result from "effect/Result"
import { createStore } from "zustand/vanilla"
import { areaStore } from "../shell/area.ts"
import { command, desktopStore } from "./desktop.ts"

interface Asked {
  readonly props: Props
  /** The window's own props when it was asked, as JSON: what it was told since, by anyone, is later than this. */
  readonly over: string
  /** Counts the times, so that the same step may be asked for again. */
  readonly times: number
}

/** By window: what it was asked to show after it was opened. */
export const askedStore = createStore<{ readonly asked: ReadonlyMap<string, Asked> }>(() => ({ asked: new Map() }))

/** A window's own props, with what it was asked to show since. */
export const withAsked = (props: Props, asked: Asked | undefined): Props =>
  asked?.over === JSON.stringify(props) ? { ...props, ...asked.props } : props

/** Counts how often the person, here, asked to see a window: also one that is in front already. */
export const wantedStore = createStore<{ readonly times: number }>(() => ({ times: 0 }))

const wantWindow = (): void => wantedStore.setState(({ times }) => ({ times: times + 1 }))

interface Place {
  readonly zone?: Zone
  readonly maximized?: boolean
}

const nameOf = (app_id: string): string =>
  desktopStore.getState().state.apps.find(({ id }) => id === app_id)?.name ?? app_id

/** Opens an app, or focuses the window that shows the same; returns the window's id. */
export const openApp = (app_id: string, props: Props = {}, place: Place = {}): string => {
  const { state } = desktopStore.getState()
  const open = sameWindow(state, { app_id, props })
  if (open !== undefined) {
    focusWindow(open.id)
    askedStore.setState(({ asked }) => ({
      asked: new Map(asked).set(open.id, {
        props,
        over: JSON.stringify(open.props),
        times: (asked.get(open.id)?.times ?? 0) + 1
      })
    }))
    return open.id
  }
  const window_id = ulid()
  const asked: Open = { _tag: "Open", window_id, app_id, title: nameOf(app_id), props, ...place }
  void command({ ...asked, ...inSight(asked, state) })
  wantWindow()
  return window_id
}

type Open = Extract<DesktopCommand, { readonly _tag: "Open" }>

/** Of the screen that it is opened on: where the cascade would leave it half out of sight, it moves in. */
const inSight = (open: Open, state: DesktopState): { readonly x?: number; readonly y?: number } => {
  const [opened] = Result.getOrElse(decideDesktop(open, state), () => [])
  if (opened?.event_type !== "desktop.window_opened") return {}
  const { area } = areaStore.getState()
  const { height, width, x, y } = opened.payload
  const seen = { x: Math.max(0, Math.min(x, area.width - width)), y: Math.max(0, Math.min(y, area.height - height)) }
  return seen.x === x && seen.y === y ? {} : seen
}

export const windowOf = (window_id: string): WindowState | undefined =>
  findWindow(desktopStore.getState().state, window_id)

/** Raises it, and restores it first where it is hidden. */
export const focusWindow = (window_id: string): void => {
  const window = windowOf(window_id)
  if (window === undefined) return
  if (window.hidden) void command({ _tag: "Restore", window_id })
  else if (desktopStore.getState().active !== window_id) void command({ _tag: "Focus", window_id })
  wantWindow()
}

export const closeWindow = (window_id: string): void => {
  if (windowOf(window_id) === undefined) return
  void command({ _tag: "Close", window_id })
  askedStore.setState(({ asked }) => {
    const left = new Map(asked)
    left.delete(window_id)
    return { asked: left }
  })
}

/** What a window shows is another thing from now on, on every screen: a new conversation that has become a thread. */
export const updateWindow = (window_id: string, change: { readonly title?: string; readonly props?: Props }): void =>
  void command({ _tag: "Update", window_id, ...change })

export const minimizeWindow = (window_id: string): void => void command({ _tag: "Minimize", window_id })

/** Maximizes; what is maximized goes back to what it was. */
export const toggleMaximized = (window_id: string): void => {
  const window = windowOf(window_id)
  if (window === undefined || window.hidden) return
  void command({ _tag: window.maximized ? "Restore" : "Maximize", window_id })
}

export const snapWindow = (window_id: string, zone: Zone | "maximized" | null): void => {
  const window = windowOf(window_id)
  if (window === undefined || window.hidden) return
  if (zone === "maximized") {
    if (!window.maximized) void command({ _tag: "Maximize", window_id })
  } else void command({ _tag: "Snap", window_id, zone })
}

let minimizedForDesktop: ReadonlyArray<string> = []

/** Minimizes all; again: brings back what that has minimized. */
export const showDesktop = (): void => {
  const shown = desktopStore.getState().state.windows.filter(({ hidden }) => !hidden)
  if (shown.length > 0) {
    minimizedForDesktop = shown.map(({ id }) => id)
    for (const { id } of shown.toReversed()) minimizeWindow(id)
    return
  }
  for (const id of minimizedForDesktop) if (windowOf(id)?.hidden === true) focusWindow(id)
  minimizedForDesktop = []
}
