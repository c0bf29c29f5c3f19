/** The desktop's windows and apps, one event a change. The event's actor is the desktop. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

/** Where a snapped window sits: half of the screen, or a quarter. */
export const Zone = Schema.Literals(["left", "right", "top_left", "top_right", "bottom_left", "bottom_right"])
export type Zone = typeof Zone.Type

/** An app as the contract shapes it. */
export const App = Schema.Struct({
  id: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(256)),
  name: Schema.String,
  icon: Schema.String,
  component_code: Schema.String,
  default_width: Schema.Int,
  default_height: Schema.Int,
  min_width: Schema.optional(Schema.Int),
  min_height: Schema.optional(Schema.Int),
  /** How many windows of it there are: one, one for each object, or as many as are opened. Absent: many. */
  identity: Schema.optional(Schema.Literals(["one", "object", "many"])),
  /** The props that tell one object from another. */
  object: Schema.optional(Schema.Array(Schema.String.check(Schema.isMaxLength(256))).check(Schema.isMaxLength(16)))
})
export type App = typeof App.Type

const deepest = 64

/** JSON.stringify recurses: what nests without end would bring down whoever writes it. */
const isShallow = (value: Schema.Json, depth = 0): boolean =>
  typeof value !== "object" ||
  value === null ||
  (depth < deepest && Object.values(value).every((inner) => isShallow(inner, depth + 1)))

/** The agent that did it, where it was no person. */
export const DesktopAgent = Schema.Struct({ agent: Schema.String, run_id: Schema.String })
export type DesktopAgent = typeof DesktopAgent.Type

export const NoticeLevel = Schema.Literals(["info", "success", "warning", "error"])
export type NoticeLevel = typeof NoticeLevel.Type

/** What an app is told when its window opens: JSON, nested at most 64 deep. */
export const Props = Schema.Record(Schema.String, Schema.Json).check(
  Schema.makeFilter((props) => isShallow(props) || `nested more than ${deepest} deep`)
)
export type Props = typeof Props.Type

const change = {
  /** The client's name for its command: it drops the echo of its own. */
  op_id: Schema.optional(Schema.String),
  by: Schema.optional(DesktopAgent)
}
const ofWindow = { window_id: Schema.String, ...change }
const position = { x: Schema.Finite, y: Schema.Finite }
const size = { width: Schema.Finite, height: Schema.Finite }

export const desktopEvents = [
  define(
    "desktop.window_opened",
    Schema.Struct({
      ...ofWindow,
      app_id: Schema.String,
      title: Schema.String,
      ...position,
      ...size,
      zone: Schema.optional(Zone),
      maximized: Schema.optional(Schema.Boolean),
      /** False: it went under the active window. */
      raise: Schema.optional(Schema.Boolean),
      props: Props
    })
  ),
  define("desktop.window_closed", Schema.Struct(ofWindow)),
  define("desktop.window_moved", Schema.Struct({ ...ofWindow, ...position })),
  define(
    "desktop.window_resized",
    Schema.Struct({ ...ofWindow, ...size, x: Schema.optional(Schema.Finite), y: Schema.optional(Schema.Finite) })
  ),
  define("desktop.window_focused", Schema.Struct(ofWindow)),
  define("desktop.window_minimized", Schema.Struct(ofWindow)),
  define("desktop.window_maximized", Schema.Struct({ ...ofWindow, ...position, ...size })),
  define(
    "desktop.window_restored",
    Schema.Struct({
      ...ofWindow,
      ...position,
      ...size,
      from: Schema.Literals(["minimized", "maximized"]),
      /** Null for one that was put where it is now; absent, it is where it was before. */
      zone: Schema.optional(Schema.Null)
    })
  ),
  define("desktop.window_snapped", Schema.Struct({ ...ofWindow, zone: Schema.NullOr(Zone) })),
  /** What the window shows is another thing now; what is absent stays. */
  define(
    "desktop.window_updated",
    Schema.Struct({ ...ofWindow, title: Schema.optional(Schema.String), props: Schema.optional(Props) })
  ),
  define("desktop.app_registered", Schema.Struct({ app: App, ...change })),
  /** Said to whoever looks at the desktop. No part of its state. */
  define(
    "desktop.notified",
    Schema.Struct({ title: Schema.String, text: Schema.String, level: NoticeLevel, ...change })
  )
] as const
