/**
 * Addresses of what the desktop shows: `/t/<session>/<thread>`, `/r/<run>[/<step>]`, `/f/<path>[:line]`, `/w/<window>`,
 * `/a/<app>`.
 *
 * Law: what an address names is opened once, and the page then stands at `/`, so that a reload opens nothing again.
 */
import type { Props, WindowState } from "@choiros/protocol"
import { desktopStore } from "../state/desktop.ts"
import { notify } from "../state/notices.ts"
import { openFile } from "../state/openFile.ts"
import { me } from "../state/session.ts"
import { openApp, windowOf } from "../state/windows.ts"
import { showWindow } from "./showWindow.ts"
import { subjectOf } from "./subject.ts"

export type Target =
  | { readonly kind: "app"; readonly app_id: string; readonly props: Props }
  | { readonly kind: "window"; readonly window_id: string }

const pictures = /\.(png|jpe?g|gif|webp|avif|svg|pdf|html?)$/i

export const parseRoute = (pathname: string): Target | null => {
  const [kind, ...parts] = pathname.split("/").slice(1).map(decoded)
  const [first = "", second = ""] = parts
  if (kind === undefined || first === "") return null
  switch (kind) {
    case "t":
      return second === ""
        ? null
        : { kind: "app", app_id: "chat", props: { actor_id: me, session_id: first, thread_id: second } }
    case "r": {
      const step = /^\d+$/.test(second) ? { step: Number(second) } : {}
      return { kind: "app", app_id: "run", props: { run_id: first, ...step } }
    }
    case "f": {
      const [, path = "", line] = /^(.+?)(?::(\d+))?$/.exec(parts.join("/")) ?? []
      if (path === "") return null
      if (line !== undefined) return { kind: "app", app_id: "editor", props: { path, line: Number(line) } }
      return { kind: "app", app_id: pictures.test(path) ? "viewer" : "editor", props: { path } }
    }
    case "w":
      return { kind: "window", window_id: first }
    case "a":
      return { kind: "app", app_id: first, props: {} }
    default:
      return null
  }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

/** The address of what a window shows: of the thing itself where it has one. */
export const linkTo = (window: Pick<WindowState, "id" | "app_id">, props: Props): string => {
  const text = (name: string): string => {
    const value = props[name]
    return typeof value === "string" || typeof value === "number" ? encodeURIComponent(String(value)) : ""
  }
  // A path from the root keeps its first slash in that form: two slashes at once would be taken for one on their way.
  const path = text("path").replaceAll("%2F", "/").replace(/^\/+/, "%2F")
  switch (window.app_id) {
    case "chat":
      if (text("thread_id") !== "") return `/t/${text("session_id")}/${text("thread_id")}`
      break
    case "run":
      if (text("run_id") !== "") return `/r/${text("run_id")}${text("step") === "" ? "" : `/${text("step")}`}`
      break
    case "editor":
      if (path !== "") return `/f/${path}${text("line") === "" ? "" : `:${text("line")}`}`
      break
    case "viewer":
      if (path !== "") return `/f/${path}`
      break
    case "terminal":
      return `/w/${encodeURIComponent(window.id)}`
  }
  return Object.keys(props).length === 0
    ? `/a/${encodeURIComponent(window.app_id)}`
    : `/w/${encodeURIComponent(window.id)}`
}

const show = (target: Target): void => {
  if (target.kind === "window") showWindow(target.window_id)
  else if (typeof target.props.path === "string") {
    const { line, path } = target.props
    void openFile(path, typeof line === "number" ? line : undefined)
  } else openApp(target.app_id, target.props)
}

const follow = (): void => {
  const target = parseRoute(location.pathname)
  if (target === null) return
  history.replaceState(null, "", "/")
  show(target)
}

/** When the desktop is known: at the beginning, and whenever the browser goes to another address of ours. */
export const followRoutes = (): void => {
  window.addEventListener("popstate", follow)
  if (desktopStore.getState().known) {
    follow()
    return
  }
  const stop = desktopStore.subscribe(({ known }) => {
    if (!known) return
    stop()
    follow()
  })
}

export const copyLink = (): void => {
  const { active } = desktopStore.getState()
  const window = active === null ? undefined : windowOf(active)
  if (window === undefined) return
  const link = new URL(linkTo(window, subjectOf(window)), location.href).href
  // Over plain HTTP a page has no clipboard at all.
  const copied = async () => navigator.clipboard.writeText(link)
  copied().then(
    () => notify("The link was copied", { level: "success", text: link }),
    () => notify("The browser does not let the link be copied", { level: "warning", text: link })
  )
}
