/** Bodies and sentences of the desktop routes. What a command is refused with is the decider's. */
import * as Schema from "effect/Schema"
import { Desktop, Window } from "../desktop/wire.ts"
import { App, Props, Zone } from "../events/desktop.ts"
import { ClientId } from "../Id.ts"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

/** The client's name for its command, told again in the change that comes of it. */
const op = { op_id: maybe(Schema.String.check(Schema.isMaxLength(256))) }

export const DesktopReply = Schema.Struct({ success: Success, desktop: Desktop })
export type DesktopReply = typeof DesktopReply.Type

export const WindowsReply = Schema.Struct({ success: Success, windows: Schema.Array(Window) })
export type WindowsReply = typeof WindowsReply.Type

export const AppsReply = Schema.Struct({ success: Success, apps: Schema.Array(App) })
export type AppsReply = typeof AppsReply.Type

export const WindowOpenBody = Schema.Struct({
  app_id: ClientId,
  title: Schema.String.check(Schema.isMaxLength(1024)),
  props: maybe(Props),
  ...op
}).annotate({ identifier: "WindowOpenBody" })
export type WindowOpenBody = typeof WindowOpenBody.Type

export const WindowOpenReply = Schema.Struct({ success: Success, window: Window, error: Schema.Null })
export type WindowOpenReply = typeof WindowOpenReply.Type

export const PositionBody = Schema.Struct({ x: Schema.Finite, y: Schema.Finite, ...op }).annotate({
  identifier: "PositionBody"
})
export type PositionBody = typeof PositionBody.Type

/** Under 200x160 it is refused with a sentence, not as a wrong shape. */
export const SizeBody = Schema.Struct({ width: Schema.Finite, height: Schema.Finite, ...op }).annotate({
  identifier: "SizeBody"
})
export type SizeBody = typeof SizeBody.Type

/** A null zone brings the window back to its normal bounds. */
export const SnapBody = Schema.Struct({ zone: maybe(Zone), ...op }).annotate({ identifier: "SnapBody" })
export type SnapBody = typeof SnapBody.Type

/** The body of a command that has no arguments; it may also be empty. */
export const OpBody = Schema.Struct(op).annotate({ identifier: "OpBody" })

export const RegisterAppBody = Schema.Struct({ ...App.fields, ...op }).annotate({ identifier: "RegisterAppBody" })
export type RegisterAppBody = typeof RegisterAppBody.Type

export const WindowReply = Schema.Struct({ success: Success, window: Window, message: Schema.String })
export type WindowReply = typeof WindowReply.Type

export const WindowRestoreReply = Schema.Struct({
  success: Success,
  window: Window,
  from: Schema.Literals(["minimized", "maximized"]),
  message: Schema.String
})
export type WindowRestoreReply = typeof WindowRestoreReply.Type

export const desktopSentences = {
  closed: "Window closed",
  moved: "Window moved",
  resized: "Window resized",
  focused: "Window focused",
  minimized: "Window minimized",
  maximized: "Window maximized",
  restored: "Window restored",
  snapped: "Window snapped",
  registered: "App registered"
} as const
