/** The apps: how each looks in a list, and where its code is. Each is loaded when its first window opens. */
import { type App, builtInApps } from "@choiros/protocol"
import {
  AppWindow,
  Eye,
  Folder,
  Inbox,
  ListChecks,
  type LucideIcon,
  MessageSquare,
  Network,
  ScrollText,
  Settings,
  SquarePen,
  SquareTerminal,
  UsersRound,
  Waypoints
} from "lucide-react"
import type { ComponentType } from "react"
import { type LatePart, late } from "../ui/Late.tsx"
import type { AppProps } from "./App.ts"

interface CatalogEntry {
  readonly icon: LucideIcon
  readonly Component: LatePart<AppProps>
}

const entry = (icon: LucideIcon, load: () => Promise<{ readonly default: ComponentType<AppProps> }>): CatalogEntry => ({
  icon,
  Component: late(load)
})

const entries: Readonly<Record<string, CatalogEntry>> = {
  chat: entry(MessageSquare, () => import("./chat/ChatApp.tsx")),
  run: entry(ListChecks, () => import("./run/RunApp.tsx")),
  choir: entry(UsersRound, () => import("./choir/ChoirApp.tsx")),
  inbox: entry(Inbox, () => import("./inbox/InboxApp.tsx")),
  terminal: entry(SquareTerminal, () => import("./terminal/TerminalApp.tsx")),
  files: entry(Folder, () => import("./files/FilesApp.tsx")),
  editor: entry(SquarePen, () => import("./editor/EditorApp.tsx")),
  viewer: entry(Eye, () => import("./viewer/ViewerApp.tsx")),
  logs: entry(ScrollText, () => import("./logs/LogsApp.tsx")),
  supervision: entry(Network, () => import("./supervision/SupervisionApp.tsx")),
  trace: entry(Waypoints, () => import("./trace/TraceApp.tsx")),
  settings: entry(Settings, () => import("./settings/SettingsApp.tsx"))
}

export const unknownAppIcon: LucideIcon = AppWindow

/** Undefined for an app that this desktop has no code for. */
export const catalogEntry = (app_id: string): CatalogEntry | undefined =>
  Object.hasOwn(entries, app_id) ? entries[app_id] : undefined

export const appIcon = (app_id: string): LucideIcon => catalogEntry(app_id)?.icon ?? unknownAppIcon

export const findApp = (app_id: string): App | undefined => builtInApps.find(({ id }) => id === app_id)

/** Opened by themselves, and not only for something (a run, a file). */
export const standaloneApps: ReadonlyArray<App> = builtInApps.filter(
  ({ id }) => !["run", "editor", "viewer", "trace"].includes(id)
)
