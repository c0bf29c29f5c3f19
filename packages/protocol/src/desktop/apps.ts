/** The apps that every desktop has, in the order in which they are offered, with the sizes that their windows open at. */
import type { App, Props } from "../events/desktop.ts"

type Size = readonly [width: number, height: number]

const app = (
  [id, name, icon]: readonly [id: string, name: string, icon: string],
  opens: Size,
  least: Size,
  identity: NonNullable<App["identity"]>,
  object: ReadonlyArray<string> = []
): App => ({
  id,
  name,
  icon,
  component_code: `${id.charAt(0).toUpperCase()}${id.slice(1)}App`,
  default_width: opens[0],
  default_height: opens[1],
  min_width: least[0],
  min_height: least[1],
  identity,
  object
})

/** A viewer's, by what it shows: a page is higher than it is wide, a table wider. */
const viewerSizes: ReadonlyArray<readonly [endings: RegExp, opens: Size]> = [
  [/\.pdf$/i, [760, 800]],
  [/\.(?:png|jpe?g|gif|webp|avif|bmp|ico|svg)$/i, [860, 680]],
  [/\.[ct]sv$/i, [1000, 600]],
  [/\.x?html?$/i, [1000, 720]],
  [/\.(?:md|markdown|mdx)$/i, [760, 720]],
  [/\.(?:jsonc?|geojson|webmanifest)$/i, [720, 640]]
]

/** The size that a window of an app opens at, for what it is to show. */
export const openingSize = (app: App, { path }: Props): { readonly width: number; readonly height: number } => {
  const own = app.id === "viewer" && typeof path === "string" ? viewerSizes.find(([is]) => is.test(path)) : undefined
  const [width, height] = own?.[1] ?? [app.default_width, app.default_height]
  return { width, height }
}

/** `icon` is a name of the icon set `lucide`. */
export const builtInApps: ReadonlyArray<App> = [
  app(["chat", "Chat", "message-square"], [800, 600], [360, 320], "object", ["actor_id", "session_id", "thread_id"]),
  app(["run", "Run", "list-checks"], [960, 680], [420, 360], "object", ["run_id"]),
  app(["choir", "Choir", "users-round"], [900, 600], [400, 320], "one"),
  app(["inbox", "Inbox", "inbox"], [420, 560], [320, 320], "one"),
  app(["terminal", "Terminal", "square-terminal"], [760, 480], [320, 200], "many"),
  app(["files", "Files", "folder"], [820, 560], [360, 300], "many"),
  app(["editor", "Editor", "square-pen"], [960, 680], [400, 300], "object", ["path"]),
  app(["viewer", "Viewer", "eye"], [820, 600], [320, 240], "object", ["path"]),
  app(["logs", "Logs", "scroll-text"], [780, 520], [360, 300], "many"),
  app(["supervision", "Supervision", "network"], [820, 560], [400, 320], "one"),
  app(["trace", "Trace", "waypoints"], [1000, 640], [420, 360], "object", ["run_id"]),
  app(["settings", "Settings", "settings"], [860, 600], [480, 400], "one")
]
