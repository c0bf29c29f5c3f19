/** A desktop as clients see it: the contract's shapes of its state and of each change. */
import * as Schema from "effect/Schema"
import { App, Props, Zone } from "../events/desktop.ts"
import { activeWindow, type DesktopState, type WindowState } from "./DesktopState.ts"

/**
 * A window. Its bounds are those of its normal state also while it is maximized or snapped: how large the screen is, the
 * client knows. `zone` says where it is snapped.
 */
export const Window = Schema.Struct({
  id: Schema.String,
  app_id: Schema.String,
  title: Schema.String,
  x: Schema.Finite,
  y: Schema.Finite,
  width: Schema.Finite,
  height: Schema.Finite,
  z_index: Schema.Int,
  minimized: Schema.Boolean,
  maximized: Schema.Boolean,
  /** Only of a minimized window that a restore uncovers as maximized. */
  was_maximized: Schema.optional(Schema.Boolean),
  zone: Schema.NullOr(Zone),
  props: Props
})
export type Window = typeof Window.Type

/** A desktop: `windows` by `z_index`, the lowest first. */
export const Desktop = Schema.Struct({
  windows: Schema.Array(Window),
  active_window: Schema.NullOr(Schema.String),
  apps: Schema.Array(App)
})
export type Desktop = typeof Desktop.Type

export const windowToWire = ({ hidden, maximized, ...window }: WindowState): Window => ({
  ...window,
  minimized: hidden,
  maximized: maximized && !hidden,
  ...(maximized && hidden ? { was_maximized: true } : {})
})

export const desktopToWire = (state: DesktopState): Desktop => ({
  windows: state.windows.map(windowToWire),
  active_window: activeWindow(state),
  apps: state.apps
})

/** The state that a desktop on the wire was made from. */
export const desktopFromWire = ({ apps, windows }: Desktop): DesktopState => ({
  windows: windows.map(({ minimized, was_maximized, ...window }) => ({
    ...window,
    hidden: minimized,
    maximized: window.maximized || was_maximized === true
  })),
  apps
})
