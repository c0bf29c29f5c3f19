/** Bodies and sentences of the desktop routes. What a command is refused with is the decider's. */
import * as Schema from "effect/Schema"
import { Desktop, Window } from "../desktop/wire.ts"
import { App, Props, Zone } from "../events/desktop.ts"
import { ClientId } from "../Id.ts"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

/** The client's name for its command, told again in the change that comes of it. */
const op = { op_id: maybe(Schema.String.check(Schema.isMaxLength(256))) }

export const DesktopReply = Schema.Struct({
  success: Success,
  desktop: Desktop,
  /** Of the last event of the desktop that is in it; 0 where none is. */
  seq: Schema.Int
})
export type DesktopReply = typeof DesktopReply.Type

export const WindowsReply = Schema.Struct({ success: Success, windows: Schema.Array(Window) })
export type WindowsReply = typeof WindowsReply.Type

export const AppsReply = Schema.Struct({ success: Success, apps: Schema.Array(App) })
export type AppsReply = typeof AppsReply.Type

export const WindowOpenBody = Schema.Struct({
  app_id: ClientId,
  title: Schema.String.check(Schema.isMaxLength(1024)),
  props: maybe(Props),
  /** The client's id for the window; asked again with it, it is opened once. */
  window_id: maybe(ClientId),
  x: maybe(Schema.Finite),
  y: maybe(Schema.Finite),
  /** Not under what its app needs. */
  width: maybe(Schema.Finite),
  height: maybe(Schema.Finite),
  zone: maybe(Zone),
  maximized: maybe(Schema.Boolean),
  /** False: under the active window, which stays the active one. */
  raise: maybe(Schema.Boolean),
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
export const SizeBody = Schema.Struct({
  width: Schema.Finite,
  height: Schema.Finite,
  /** Where its top left is then; as it was, unless named. */
  x: maybe(Schema.Finite),
  y: maybe(Schema.Finite),
  ...op
}).annotate({ identifier: "SizeBody" })
export type SizeBody = typeof SizeBody.Type

/** A null zone brings the window back to its normal bounds. */
export const SnapBody = Schema.Struct({ zone: maybe(Zone), ...op }).annotate({ identifier: "SnapBody" })
export type SnapBody = typeof SnapBody.Type

/** What the window shows is another thing now: what is absent stays. */
export const WindowUpdateBody = Schema.Struct({
  title: maybe(Schema.String.check(Schema.isMaxLength(1024))),
  props: maybe(Props),
  ...op
}).annotate({ identifier: "WindowUpdateBody" })
export type WindowUpdateBody = typeof WindowUpdateBody.Type

/** Where a maximized window is put down, which leaves its zone; it may also be empty. */
export const RestoreBody = Schema.Struct({ x: maybe(Schema.Finite), y: maybe(Schema.Finite), ...op }).annotate({
  identifier: "RestoreBody"
})

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
  updated: "Window updated",
  registered: "App registered"
} as const
