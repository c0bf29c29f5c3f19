/** Frames of the desktop's socket: a snapshot on subscribing, then each change in order. */
import * as Schema from "effect/Schema"
import { type DesktopState, findWindow } from "../desktop/DesktopState.ts"
import { Desktop, Window, windowToWire } from "../desktop/wire.ts"
import type { Event } from "../Event.ts"
import { App, DesktopAgent, NoticeLevel, Props, Zone } from "../events/desktop.ts"
import { isEvent } from "../events.ts"
import { ClientId } from "../Id.ts"
import { ErrorFrame, Lagged, Ping, Pong } from "./common.ts"

/** While a window is dragged or resized, before the one change at its end. In memory alone, and may be lost. */
const dragged = {
  window_id: ClientId,
  x: Schema.Finite,
  y: Schema.Finite,
  width: Schema.optional(Schema.Finite),
  height: Schema.optional(Schema.Finite),
  op_id: Schema.optional(Schema.String.check(Schema.isMaxLength(256)))
}

/** The topic of drags: not stored. */
export const desktopDragTopic = "desktop.window_dragged"

export const WindowDraggedFrame = Schema.Struct({ type: Schema.Literal("window_dragged"), ...dragged })

export const DesktopClientFrame = Schema.Union([
  Ping,
  Schema.Struct({ type: Schema.Literal("subscribe"), desktop_id: ClientId }),
  /** At most 20 a second. */
  Schema.Struct({ type: Schema.Literal("drag"), ...dragged }),
  /** The user acts, at most once a second; `window_id` is the window that they touch, where it is one. A drag says so too. */
  Schema.Struct({ type: Schema.Literal("active"), window_id: Schema.optional(ClientId) })
])
export type DesktopClientFrame = typeof DesktopClientFrame.Type

const change = { op_id: Schema.optional(Schema.String), by: Schema.optional(DesktopAgent), seq: Schema.Int }
const ofWindow = { window_id: Schema.String, ...change }
const position = { x: Schema.Finite, y: Schema.Finite }
const size = { width: Schema.Finite, height: Schema.Finite }
const raised = { z_index: Schema.Int }

/** One change of a desktop. `seq` is that of its event, `op_id` that of the command, `by` the agent that led to it. */
export const DesktopChangeFrame = Schema.Union([
  Schema.Struct({
    type: Schema.Literal("window_opened"),
    window: Window,
    /** The active window, where the new one went under it: it is raised over that. */
    over: Schema.optional(Schema.Struct({ window_id: Schema.String, ...raised })),
    ...change
  }),
  Schema.Struct({ type: Schema.Literal("window_closed"), ...ofWindow }),
  Schema.Struct({ type: Schema.Literal("window_moved"), ...ofWindow, ...position }),
  Schema.Struct({
    type: Schema.Literal("window_resized"),
    ...ofWindow,
    ...size,
    x: Schema.optional(Schema.Finite),
    y: Schema.optional(Schema.Finite)
  }),
  Schema.Struct({ type: Schema.Literal("window_focused"), ...ofWindow, ...raised }),
  Schema.Struct({ type: Schema.Literal("window_minimized"), ...ofWindow }),
  Schema.Struct({ type: Schema.Literal("window_maximized"), ...ofWindow, ...position, ...size, ...raised }),
  Schema.Struct({
    type: Schema.Literal("window_restored"),
    ...ofWindow,
    ...position,
    ...size,
    ...raised,
    from: Schema.Literals(["minimized", "maximized"]),
    /** True when what was uncovered is a maximized window. */
    maximized: Schema.Boolean,
    /** Null for one that was put at a place of its own; absent, it is in the zone that it was in. */
    zone: Schema.optional(Schema.Null)
  }),
  Schema.Struct({ type: Schema.Literal("window_snapped"), ...ofWindow, zone: Schema.NullOr(Zone), ...raised }),
  Schema.Struct({
    type: Schema.Literal("window_updated"),
    ...ofWindow,
    title: Schema.optional(Schema.String),
    props: Schema.optional(Props)
  }),
  Schema.Struct({ type: Schema.Literal("app_registered"), app: App, ...change }),
  Schema.Struct({
    type: Schema.Literal("notified"),
    title: Schema.String,
    text: Schema.String,
    level: NoticeLevel,
    ...change
  })
])
export type DesktopChangeFrame = typeof DesktopChangeFrame.Type

export const DesktopServerFrame = Schema.Union([
  Pong,
  Schema.Struct({ type: Schema.Literal("desktop_state"), desktop: Desktop }),
  ...DesktopChangeFrame.members,
  WindowDraggedFrame,
  Lagged,
  ErrorFrame
])
export type DesktopServerFrame = typeof DesktopServerFrame.Type

/** The frame of an event. `after` is the desktop once the event is folded in. Null for what is no change of a desktop. */
export const desktopChangeFrame = (event: Event, after: DesktopState): DesktopChangeFrame | null => {
  const { seq } = event
  const raised = { seq, z_index: seq }
  if (isEvent(event, "desktop.window_opened")) {
    const { by, op_id, raise, window_id } = event.payload
    const window = findWindow(after, window_id)
    if (window === undefined) return null
    const active = after.windows.at(-1)
    const isUnder = raise === false && active !== undefined && active.id !== window_id
    return {
      type: "window_opened",
      window: windowToWire(window),
      ...(isUnder ? { over: { window_id: active.id, z_index: active.z_index } } : {}),
      seq,
      ...(op_id === undefined ? {} : { op_id }),
      ...(by === undefined ? {} : { by })
    }
  }
  if (isEvent(event, "desktop.window_closed")) return { type: "window_closed", ...event.payload, seq }
  if (isEvent(event, "desktop.window_moved")) return { type: "window_moved", ...event.payload, seq }
  if (isEvent(event, "desktop.window_resized")) return { type: "window_resized", ...event.payload, seq }
  if (isEvent(event, "desktop.window_focused")) return { type: "window_focused", ...event.payload, ...raised }
  if (isEvent(event, "desktop.window_minimized")) return { type: "window_minimized", ...event.payload, seq }
  if (isEvent(event, "desktop.window_maximized")) return { type: "window_maximized", ...event.payload, ...raised }
  if (isEvent(event, "desktop.window_restored")) {
    const maximized = findWindow(after, event.payload.window_id)?.maximized ?? false
    return { type: "window_restored", ...event.payload, ...raised, maximized }
  }
  if (isEvent(event, "desktop.window_snapped")) return { type: "window_snapped", ...event.payload, ...raised }
  if (isEvent(event, "desktop.window_updated")) return { type: "window_updated", ...event.payload, seq }
  if (isEvent(event, "desktop.notified")) return { type: "notified", ...event.payload, seq }
  if (isEvent(event, "desktop.app_registered")) return { type: "app_registered", ...event.payload, seq }
  return null
}
