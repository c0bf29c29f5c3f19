/** Windows, by key and by name. */
import { Columns2, Maximize2, Minus, MonitorDown, PanelLeft, PanelRight, X } from "lucide-react"
import { appIcon, standaloneApps } from "../apps/catalog.tsx"
import { leavePromptFor } from "../shell/prompt/focus.ts"
import { desktopStore } from "../state/desktop.ts"
import {
  closeWindow,
  focusWindow,
  minimizeWindow,
  openApp,
  showDesktop,
  snapWindow,
  toggleMaximized,
  windowOf
} from "../state/windows.ts"
import type { Action } from "./Action.ts"

const active = (): string | null => desktopStore.getState().active
const hasActive = (): boolean => active() !== null

const withActive = (run: (window_id: string) => void) => () => {
  const id = active()
  if (id !== null) run(id)
}

/** The window that was minimized last is the one that comes back, where none has the front. */
const restoreOrMinimize = (): void => {
  const id = active()
  const window = id === null ? undefined : windowOf(id)
  if (window === undefined) {
    const hidden = desktopStore.getState().state.windows.findLast((one) => one.hidden)
    if (hidden !== undefined) leavePromptFor(() => focusWindow(hidden.id))
  } else if (window.maximized) toggleMaximized(window.id)
  else if (window.zone !== null) snapWindow(window.id, null)
  else minimizeWindow(window.id)
}

/** By when it was opened, so that a number means the same window whichever is in front. */
const windowsInOrder = () => desktopStore.getState().state.windows.toSorted((a, b) => (a.id < b.id ? -1 : 1))

const group = "Windows"

const openKeys: Readonly<Record<string, string>> = {
  terminal: "Mod+Alt+T",
  files: "Mod+Alt+F",
  choir: "Mod+Alt+C",
  inbox: "Mod+Shift+A"
}

export const windowActions: ReadonlyArray<Action> = [
  ...standaloneApps.map(
    ({ id, name }): Action => ({
      id: `open.${id}`,
      title: `Open ${name}`,
      group: "Apps",
      icon: appIcon(id),
      ...(openKeys[id] === undefined ? {} : { keys: [openKeys[id]] }),
      ...(id === "inbox" ? { everywhere: true } : {}),
      run: () => leavePromptFor(() => openApp(id))
    })
  ),
  {
    id: "window.snap_left",
    title: "Snap the window left",
    group,
    icon: PanelLeft,
    keys: ["Mod+Alt+Left"],
    everywhere: true,
    when: hasActive,
    run: withActive((id) => snapWindow(id, "left"))
  },
  {
    id: "window.snap_right",
    title: "Snap the window right",
    group,
    icon: PanelRight,
    keys: ["Mod+Alt+Right"],
    everywhere: true,
    when: hasActive,
    run: withActive((id) => snapWindow(id, "right"))
  },
  {
    id: "window.maximize",
    title: "Maximize the window",
    group,
    icon: Maximize2,
    keys: ["Mod+Alt+Up"],
    everywhere: true,
    when: hasActive,
    run: withActive((id) => snapWindow(id, "maximized"))
  },
  {
    id: "window.restore_or_minimize",
    title: "Restore or minimize the window",
    group,
    icon: Columns2,
    keys: ["Mod+Alt+Down"],
    everywhere: true,
    when: () => desktopStore.getState().state.windows.length > 0,
    run: restoreOrMinimize
  },
  {
    id: "window.close",
    title: "Close the window",
    group,
    icon: X,
    keys: ["Mod+Alt+W"],
    when: hasActive,
    run: withActive(closeWindow)
  },
  {
    id: "window.minimize",
    title: "Minimize the window",
    group,
    icon: Minus,
    keys: ["Mod+Alt+M"],
    when: hasActive,
    run: withActive(minimizeWindow)
  },
  {
    id: "window.show_desktop",
    title: "Show the desktop",
    group,
    icon: MonitorDown,
    keys: ["Mod+Alt+D"],
    when: () => desktopStore.getState().state.windows.length > 0,
    run: () => leavePromptFor(showDesktop)
  },
  ...Array.from(
    { length: 9 },
    (_, index): Action => ({
      id: `window.nth_${index + 1}`,
      title: `Go to window ${index + 1}`,
      group,
      keys: [`Mod+Alt+${index + 1}`],
      when: () => windowsInOrder()[index] !== undefined,
      run: () => {
        const window = windowsInOrder()[index]
        if (window !== undefined) leavePromptFor(() => focusWindow(window.id))
      }
    })
  )
]
