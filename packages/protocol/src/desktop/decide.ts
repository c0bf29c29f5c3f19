/**
 * A desktop's decider: which events a command leads to, or the contract's sentence why to none.
 *
 * Law: `decide` looks at its arguments alone; ids come with the command, so the same command on the same state decides the
 * same. What is open already is not opened twice. While the user acts, an agent leaves every
 * window as it is, and opens its own under what is active; what the user has just touched it leaves alone longer.
 */
import * as Result from "effect/Result"
import type { App, DesktopAgent, NoticeLevel, Props, Zone } from "../events/desktop.ts"
import type { Change } from "../events.ts"
import { openingSize } from "./apps.ts"
import { type DesktopState, type desktopEventTypes, findWindow, sameWindow, type WindowState } from "./DesktopState.ts"

export type DesktopChange = Change<(typeof desktopEventTypes)[number] | "desktop.notified">

interface Command {
  readonly op_id?: string | undefined
  /** The agent whose command it is; absent for a person's. */
  readonly by?: DesktopAgent | undefined
}

type OfWindow = Command & { readonly window_id: string }

export type DesktopCommand =
  | (OfWindow & {
      readonly _tag: "Open"
      readonly app_id: string
      readonly title: string
      readonly props?: Props | undefined
      /** Where it opens; what is absent, the desktop chooses. */
      readonly x?: number | undefined
      readonly y?: number | undefined
      readonly width?: number | undefined
      readonly height?: number | undefined
      readonly zone?: Zone | undefined
      readonly maximized?: boolean | undefined
      /** False: under the active window, which stays the active one. */
      readonly raise?: boolean | undefined
    })
  | (OfWindow & { readonly _tag: "Close" | "Focus" | "Minimize" | "Maximize" })
  | (OfWindow & {
      readonly _tag: "Restore"
      /** Where a maximized window is put down that was dragged out; absent, it is where it was. */
      readonly x?: number | undefined
      readonly y?: number | undefined
    })
  | (OfWindow & { readonly _tag: "Move"; readonly x: number; readonly y: number })
  | (OfWindow & {
      readonly _tag: "Resize"
      readonly width: number
      readonly height: number
      /** Where its top left is now, when it was drawn by its left or its top. */
      readonly x?: number | undefined
      readonly y?: number | undefined
    })
  | (OfWindow & { readonly _tag: "Snap"; readonly zone: Zone | null })
  | (OfWindow & {
      readonly _tag: "Update"
      readonly title?: string | undefined
      readonly props?: Props | undefined
    })
  | (Command & { readonly _tag: "RegisterApp"; readonly app: App })
  | (Command & {
      readonly _tag: "Notify"
      readonly title: string
      readonly text: string
      readonly level: NoticeLevel
    })

/** What the server knows of the user at this moment, in milliseconds; it matters to agents' commands alone. */
export interface UserPresence {
  /** Since the user did anything. */
  readonly idleFor: number
  /** Since the user touched a window; null for one that nobody touched. */
  readonly touchedFor: (windowId: string) => number | null
}

const nobodyThere: UserPresence = { idleFor: Number.POSITIVE_INFINITY, touchedFor: () => null }

/** In milliseconds: how long the user is idle before an agent may raise a window, and keeps what was touched. */
export const courtesy = { idle: 3_000, touched: 60_000 } as const

/** Why a command for a window that is closed, or never was, is refused. */
export const windowNotFound = (window_id: string): string => `Window not found: ${window_id}`

/** In pixels. */
export const minimumSize = { width: 200, height: 160 } as const

const cascade = { origin: 100, step: 30 } as const

export const decideDesktop = (
  command: DesktopCommand,
  state: DesktopState,
  user: UserPresence = nobodyThere
): Result.Result<ReadonlyArray<DesktopChange>, string> => {
  const op = {
    ...(command.op_id === undefined ? {} : { op_id: command.op_id }),
    ...(command.by === undefined ? {} : { by: command.by })
  }
  if (command._tag === "RegisterApp") {
    return one({ event_type: "desktop.app_registered", payload: { app: command.app, ...op } })
  }
  if (command._tag === "Notify") {
    const { level, text, title } = command
    return one({ event_type: "desktop.notified", payload: { title, text, level, ...op } })
  }
  const { window_id } = command
  if (command._tag === "Open") {
    const app = state.apps.find(({ id }) => id === command.app_id)
    if (app === undefined) return Result.fail(`App not found: ${command.app_id}`)
    const inTheWay = command.by !== undefined && user.idleFor < courtesy.idle
    const raise = !inTheWay && command.raise !== false
    const open = sameWindow(state, command)
    if (open !== undefined) {
      // To show another line of it would scroll it away under the user's hands.
      const isTheirs = inTheWay || (command.by !== undefined && isTouched(open.id, user))
      return Result.succeed(isTheirs ? [] : showAgain(open, app, command, raise, op))
    }
    return one({
      event_type: "desktop.window_opened",
      payload: { ...opening(command, app, state), ...under(raise), ...op }
    })
  }

  const window = findWindow(state, window_id)
  if (window === undefined) return Result.fail(windowNotFound(window_id))
  if (command.by !== undefined) {
    if (user.idleFor < courtesy.idle) return invalid("The user is at work; leave the windows as they are")
    if (isTouched(window_id, user)) return invalid("The user has just used this window; leave it as it is")
  }
  const shownMaximized = window.maximized && !window.hidden
  switch (command._tag) {
    case "Close":
      return one({ event_type: "desktop.window_closed", payload: { window_id, ...op } })
    case "Move":
      if (shownMaximized) return invalid("Cannot move a maximized window")
      return one({ event_type: "desktop.window_moved", payload: { window_id, x: command.x, y: command.y, ...op } })
    case "Resize": {
      const { width, height, x, y } = command
      if (!(width >= minimumSize.width && height >= minimumSize.height)) {
        return Result.fail(`Invalid size ${width}x${height} (minimum is ${minimumSize.width}x${minimumSize.height})`)
      }
      if (shownMaximized) return invalid("Cannot resize a maximized window")
      const place = { ...(x === undefined ? {} : { x }), ...(y === undefined ? {} : { y }) }
      return one({ event_type: "desktop.window_resized", payload: { window_id, width, height, ...place, ...op } })
    }
    case "Focus":
      if (window.hidden) return invalid("Cannot focus minimized window; restore first")
      return one({ event_type: "desktop.window_focused", payload: { window_id, ...op } })
    case "Minimize":
      if (window.hidden) return Result.succeed([])
      return one({ event_type: "desktop.window_minimized", payload: { window_id, ...op } })
    case "Maximize":
      if (window.hidden) return invalid("Cannot maximize a minimized window; restore first")
      return one({ event_type: "desktop.window_maximized", payload: { window_id, ...bounds(window), ...op } })
    case "Restore":
      if (!window.hidden && !window.maximized) return invalid("Window is neither minimized nor maximized")
      return one({
        event_type: "desktop.window_restored",
        payload: {
          window_id,
          ...bounds(window),
          ...(shownMaximized ? putDown(command, window) : {}),
          from: window.hidden ? "minimized" : "maximized",
          ...op
        }
      })
    case "Snap":
      if (window.hidden) return invalid("Cannot snap a minimized window; restore first")
      return one({ event_type: "desktop.window_snapped", payload: { window_id, zone: command.zone, ...op } })
    case "Update": {
      const { props, title } = command
      const changed = {
        ...(title === undefined || title === window.title ? {} : { title }),
        ...(props === undefined || JSON.stringify(props) === JSON.stringify(window.props) ? {} : { props })
      }
      if (Object.keys(changed).length === 0) return Result.succeed([])
      return one({ event_type: "desktop.window_updated", payload: { window_id, ...changed, ...op } })
    }
  }
}

type Open = Extract<DesktopCommand, { readonly _tag: "Open" }>

const opening = (command: Open, app: App, state: DesktopState) => {
  const at = nextPosition(state)
  const { maximized, props = {}, title, window_id, zone } = command
  const size = openingSize(app, props)
  const { height = size.height, width = size.width } = command
  return {
    window_id,
    app_id: app.id,
    title,
    x: command.x ?? at.x,
    y: command.y ?? at.y,
    width: Math.max(width, app.min_width ?? 0, minimumSize.width),
    height: Math.max(height, app.min_height ?? 0, minimumSize.height),
    ...(zone === undefined ? {} : { zone }),
    ...(maximized === true ? { maximized } : {}),
    props
  }
}

const under = (raise: boolean) => (raise ? {} : { raise })

/**
 * What is open is told the props again that say where in it to look (a line that one has scrolled away from), and is
 * focused; a hidden one is restored by that.
 */
const showAgain = (
  window: WindowState,
  { object = [] }: App,
  { props = {} }: Open,
  raise: boolean,
  op: { readonly op_id?: string; readonly by?: DesktopAgent }
): ReadonlyArray<DesktopChange> => {
  const window_id = window.id
  const told = Object.keys(props).some((name) => !object.includes(name))
  const changes: ReadonlyArray<DesktopChange> = told
    ? [{ event_type: "desktop.window_updated", payload: { window_id, props: { ...window.props, ...props }, ...op } }]
    : []
  if (!raise) return changes
  const shown: DesktopChange = window.hidden
    ? { event_type: "desktop.window_restored", payload: { window_id, ...bounds(window), from: "minimized", ...op } }
    : { event_type: "desktop.window_focused", payload: { window_id, ...op } }
  return [...changes, shown]
}

const putDown = (
  { x, y }: { readonly x?: number | undefined; readonly y?: number | undefined },
  window: WindowState
): { readonly x?: number; readonly y?: number; readonly zone?: null } =>
  x === undefined && y === undefined ? {} : { x: x ?? window.x, y: y ?? window.y, zone: null }

const isTouched = (windowId: string, user: UserPresence): boolean => {
  const touched = user.touchedFor(windowId)
  return touched !== null && touched < courtesy.touched
}

const one = (change: DesktopChange) => Result.succeed([change])

const invalid = (sentence: string) => Result.fail(`Invalid operation: ${sentence}`)

const bounds = ({ x, y, width, height }: WindowState) => ({ x, y, width, height })

/** One step further than there are windows, and on past any window that sits there already. */
const nextPosition = (state: DesktopState): { readonly x: number; readonly y: number } => {
  const at = (index: number) => cascade.origin + index * cascade.step
  let index = state.windows.length
  while (state.windows.some(({ x, y }) => x === at(index) && y === at(index))) index++
  return { x: at(index), y: at(index) }
}
