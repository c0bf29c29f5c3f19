import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import { ClientId } from "../../Id.ts"
import { Done } from "../common.ts"
import {
  AppsReply,
  DesktopReply,
  OpBody,
  PositionBody,
  RegisterAppBody,
  RestoreBody,
  SizeBody,
  SnapBody,
  WindowOpenBody,
  WindowOpenReply,
  WindowReply,
  WindowRestoreReply,
  WindowsReply,
  WindowUpdateBody
} from "../desktop.ts"
import { badRequest, says, saysInPath, socket, wrong } from "./endpoint.ts"

const desktop = { desktop_id: ClientId }
const window = { desktop_id: ClientId, window_id: ClientId }

export const desktopGroup = () =>
  HttpApiGroup.make("desktop").add(
    HttpApiEndpoint.get("desktop", "/desktop/:desktop_id", {
      params: desktop,
      success: DesktopReply
    }).annotateMerge(says("A desktop: its windows, the active one, its apps")),
    HttpApiEndpoint.get("windows", "/desktop/:desktop_id/windows", {
      params: desktop,
      success: WindowsReply
    }).annotateMerge(says("Windows, the lowest first")),
    HttpApiEndpoint.post("openWindow", "/desktop/:desktop_id/windows", {
      params: desktop,
      payload: WindowOpenBody,
      success: WindowOpenReply,
      error: [badRequest, wrong]
    }).annotateMerge(
      says(
        "Open a window",
        "An app that there is one of, or that shows an object by its props, is focused where it is open already; the reply has that window."
      )
    ),
    HttpApiEndpoint.patch("updateWindow", "/desktop/:desktop_id/windows/:window_id", {
      params: window,
      payload: WindowUpdateBody,
      success: WindowReply,
      error: [badRequest, wrong]
    }).annotateMerge(says("Change a window's title or props")),
    HttpApiEndpoint.delete("closeWindow", "/desktop/:desktop_id/windows/:window_id", {
      params: window,
      query: OpBody.fields,
      success: Done,
      error: badRequest
    }).annotateMerge(says("Close a window")),
    HttpApiEndpoint.patch("moveWindow", "/desktop/:desktop_id/windows/:window_id/position", {
      params: window,
      payload: PositionBody,
      success: Done,
      error: [badRequest, wrong]
    }).annotateMerge(says("Move a window")),
    HttpApiEndpoint.patch("resizeWindow", "/desktop/:desktop_id/windows/:window_id/size", {
      params: window,
      payload: SizeBody,
      success: Done,
      error: [badRequest, wrong]
    }).annotateMerge(says("Resize a window, to 200x160 at least")),
    HttpApiEndpoint.post("focusWindow", "/desktop/:desktop_id/windows/:window_id/focus", {
      params: window,
      payload: OpBody,
      success: Done,
      error: badRequest
    }).annotateMerge(saysInPath("Raise a window and make it the active one")),
    HttpApiEndpoint.post("minimizeWindow", "/desktop/:desktop_id/windows/:window_id/minimize", {
      params: window,
      payload: OpBody,
      success: Done,
      error: badRequest
    }).annotateMerge(saysInPath("Minimize a window")),
    HttpApiEndpoint.post("maximizeWindow", "/desktop/:desktop_id/windows/:window_id/maximize", {
      params: window,
      payload: OpBody,
      success: WindowReply,
      error: badRequest
    }).annotateMerge(saysInPath("Maximize a window")),
    HttpApiEndpoint.post("restoreWindow", "/desktop/:desktop_id/windows/:window_id/restore", {
      params: window,
      payload: RestoreBody,
      success: WindowRestoreReply,
      error: [badRequest, wrong]
    }).annotateMerge(
      saysInPath("Bring a minimized or maximized window back", "With `x` and `y` a maximized one is put down there.")
    ),
    HttpApiEndpoint.patch("snapWindow", "/desktop/:desktop_id/windows/:window_id/snap", {
      params: window,
      payload: SnapBody,
      success: WindowReply,
      error: [badRequest, wrong]
    }).annotateMerge(says("Snap a window to a half or a quarter of the screen, or free it")),
    HttpApiEndpoint.get("apps", "/desktop/:desktop_id/apps", {
      params: desktop,
      success: AppsReply
    }).annotateMerge(says("What can be opened")),
    HttpApiEndpoint.post("registerApp", "/desktop/:desktop_id/apps", {
      params: desktop,
      payload: RegisterAppBody,
      success: Done,
      error: [badRequest, wrong]
    }).annotateMerge(says("Register an app")),
    HttpApiEndpoint.get("socket", "/ws", { success: socket }).annotateMerge(
      says(
        "Changes of a desktop (WebSocket)",
        "The server begins with `pong`. `subscribe` {desktop_id} is answered with `desktop_state`, then each change in order. " +
          "`drag` {window_id, x, y} is shown to the others as `window_dragged`, and not stored. `active` {window_id?}, at most once a second, says that the user acts, and in which window: " +
          "while they do, an agent raises nothing, and for a minute it leaves that window as it is. A drag says so too."
      )
    )
  )
