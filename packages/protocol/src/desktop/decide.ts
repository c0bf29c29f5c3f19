/**
 * A desktop's decider: which events a command leads to, or the contract's sentence why to none.
 *
 * Law: `decide` looks at the state alone; ids come with the command, so the same command on the same state decides the same.
 */
import * as Result from "effect/Result"
import type { App, Props, Zone } from "../events/desktop.ts"
import type { Change } from "../events.ts"
import { type DesktopState, type desktopEventTypes, findWindow, type WindowState } from "./DesktopState.ts"

export type DesktopChange = Change<(typeof desktopEventTypes)[number]>

type OfWindow = { readonly window_id: string; readonly op_id?: string | undefined }

export type DesktopCommand =
  | (OfWindow & {
      readonly _tag: "Open"
      readonly app_id: string
      readonly title: string
      readonly props?: Props | undefined
    })
  | (OfWindow & { readonly _tag: "Close" | "Focus" | "Minimize" | "Maximize" | "Restore" })
  | (OfWindow & { readonly _tag: "Move"; readonly x: number; readonly y: number })
  | (OfWindow & { readonly _tag: "Resize"; readonly width: number; readonly height: number })
  | (OfWindow & { readonly _tag: "Snap"; readonly zone: Zone | null })
  | { readonly _tag: "RegisterApp"; readonly app: App; readonly op_id?: string | undefined }

/** In pixels. */
export const minimumSize = { width: 200, height: 160 } as const

const cascade = { origin: 100, step: 30 } as const

export const decideDesktop = (
  command: DesktopCommand,
  state: DesktopState
): Result.Result<ReadonlyArray<DesktopChange>, string> => {
  const op = command.op_id === undefined ? {} : { op_id: command.op_id }
  if (command._tag === "RegisterApp") {
    return one({ event_type: "desktop.app_registered", payload: { app: command.app, ...op } })
  }
  const { window_id } = command
  if (command._tag === "Open") {
    const app = state.apps.find(({ id }) => id === command.app_id)
    if (app === undefined) return Result.fail(`App not found: ${command.app_id}`)
    return one({
      event_type: "desktop.window_opened",
      payload: {
        window_id,
        app_id: app.id,
        title: command.title,
        ...nextPosition(state),
        width: Math.max(app.default_width, minimumSize.width),
        height: Math.max(app.default_height, minimumSize.height),
        props: command.props ?? {},
        ...op
      }
    })
  }

  const window = findWindow(state, window_id)
  if (window === undefined) return Result.fail(`Window not found: ${window_id}`)
  const shownMaximized = window.maximized && !window.hidden
  switch (command._tag) {
    case "Close":
      return one({ event_type: "desktop.window_closed", payload: { window_id, ...op } })
    case "Move":
      if (shownMaximized) return invalid("Cannot move a maximized window")
      return one({ event_type: "desktop.window_moved", payload: { window_id, x: command.x, y: command.y, ...op } })
    case "Resize": {
      const { width, height } = command
      if (!(width >= minimumSize.width && height >= minimumSize.height)) {
        return Result.fail(`Invalid size ${width}x${height} (minimum is ${minimumSize.width}x${minimumSize.height})`)
      }
      if (shownMaximized) return invalid("Cannot resize a maximized window")
      return one({ event_type: "desktop.window_resized", payload: { window_id, width, height, ...op } })
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
        payload: { window_id, ...bounds(window), from: window.hidden ? "minimized" : "maximized", ...op }
      })
    case "Snap":
      if (window.hidden) return invalid("Cannot snap a minimized window; restore first")
      return one({ event_type: "desktop.window_snapped", payload: { window_id, zone: command.zone, ...op } })
  }
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
