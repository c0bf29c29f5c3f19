/** Windows, by key and by name. */
import type { WindowState, Zone } from "@choiros/protocol"
import { Columns2, Copy, Maximize2, Minus, MonitorDown, PanelLeft, PanelRight, X } from "lucide-react"
import { appIcon, standaloneApps } from "../apps/catalog.tsx"
import { areaStore } from "../shell/area.ts"
import { compactStore, showView } from "../shell/compact.ts"
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
import { type Action, findAction } from "./Action.ts"
import { keysOf } from "./keys.ts"

const group = "Windows"

const active = (): string | null => desktopStore.getState().active

const isNarrow = (): boolean => areaStore.getState().layout === "compact"

/** Of the windows that are open, the one that is seen in front: on a narrow screen a view may lie over it. */
const inFront = (): WindowState | undefined => {
  const id = active()
  const isCovered = isNarrow() && compactStore.getState().view !== null
  return id === null || isCovered ? undefined : windowOf(id)
}

/** Where windows have a place of their own: elsewhere to arrange them would show nothing, and change the desk. */
const areFree = (): boolean => areaStore.getState().layout === "windows"

const canBeArranged = ({ hidden }: WindowState): boolean => areFree() && !hidden

/** What can be done with any window: with the one in front by its keys and the palette, with another by that one's menu. */
interface WindowVerb extends Omit<Action, "group" | "when" | "run"> {
  readonly when?: (window: WindowState) => boolean
  readonly run: (window: WindowState) => void
}

const snapTo = (zone: Zone, title: string, more: Partial<WindowVerb> = {}): WindowVerb => ({
  id: `window.snap_${zone}`,
  title,
  when: canBeArranged,
  run: ({ id }) => snapWindow(id, zone),
  ...more
})

const windowVerbs: ReadonlyArray<WindowVerb> = [
  snapTo("left", "Snap the window left", { icon: PanelLeft, keys: ["Mod+Alt+Left"], everywhere: true }),
  snapTo("right", "Snap the window right", { icon: PanelRight, keys: ["Mod+Alt+Right"], everywhere: true }),
  snapTo("top_left", "Snap the window to the top left"),
  snapTo("top_right", "Snap the window to the top right"),
  snapTo("bottom_left", "Snap the window to the bottom left"),
  snapTo("bottom_right", "Snap the window to the bottom right"),
  {
    id: "window.float",
    title: "Let the window float",
    when: (window) => canBeArranged(window) && window.zone !== null && !window.maximized,
    run: ({ id }) => snapWindow(id, null)
  },
  {
    id: "window.maximize",
    title: "Maximize the window",
    icon: Maximize2,
    keys: ["Mod+Alt+Up"],
    everywhere: true,
    when: canBeArranged,
    run: ({ id }) => snapWindow(id, "maximized")
  },
  {
    id: "window.restore",
    title: "Restore the window",
    icon: Copy,
    when: ({ hidden, maximized }) => hidden || (areFree() && maximized),
    run: ({ hidden, id }) => (hidden ? focusWindow(id) : toggleMaximized(id))
  },
  { id: "window.close", title: "Close the window", icon: X, keys: ["Mod+Alt+W"], run: ({ id }) => closeWindow(id) },
  {
    id: "window.minimize",
    title: "Minimize the window",
    icon: Minus,
    keys: ["Mod+Alt+M"],
    when: ({ hidden }) => !hidden,
    run: ({ id }) => minimizeWindow(id)
  }
]

/** For the menu of a window: undefined where it can't be done with that one now. */
export const onWindow = (
  id: string,
  window: WindowState
): { readonly keys: string | undefined; readonly run: () => void } | undefined => {
  const verb = windowVerbs.find((one) => one.id === id)
  if (verb === undefined || verb.when?.(window) === false) return undefined
  const action = findAction(id)
  return { keys: action === undefined ? undefined : keysOf(action)[0], run: () => verb.run(window) }
}

const onFront = ({ run, when, ...verb }: WindowVerb): Action => ({
  ...verb,
  group,
  when: () => {
    const window = inFront()
    return window !== undefined && when?.(window) !== false
  },
  run: () => {
    const window = inFront()
    if (window !== undefined) run(window)
  }
})

/** Those that were minimized, here or elsewhere, the last one last. */
let minimized: ReadonlyArray<string> = []

desktopStore.subscribe(({ state }, before) => {
  if (state.windows === before.state.windows) return
  const hidden = state.windows.filter((one) => one.hidden).map(({ id }) => id)
  const isNew = (id: string) => !minimized.includes(id)
  minimized = [...minimized.filter((id) => hidden.includes(id)), ...hidden.filter(isNew)]
})

/** The window that was minimized last is the one that comes back, where none is in front. */
const restoreOrMinimize = (): void => {
  const window = inFront()
  const last = minimized.at(-1)
  if (window === undefined) {
    if (last !== undefined) leavePromptFor(() => focusWindow(last))
  } else if (areFree() && window.maximized) toggleMaximized(window.id)
  else if (areFree() && window.zone !== null) snapWindow(window.id, null)
  else minimizeWindow(window.id)
}

/** By when it was opened, so that a number means the same window whichever is in front. */
const windowsInOrder = () => desktopStore.getState().state.windows.toSorted((a, b) => (a.id < b.id ? -1 : 1))

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
  ...windowVerbs.map(onFront),
  {
    id: "window.restore_or_minimize",
    title: "Restore or minimize the window",
    group,
    icon: Columns2,
    keys: ["Mod+Alt+Down"],
    everywhere: true,
    when: () => inFront() !== undefined || minimized.length > 0,
    run: restoreOrMinimize
  },
  {
    id: "window.show_desktop",
    title: "Show the desktop",
    group,
    icon: MonitorDown,
    keys: ["Mod+Alt+D"],
    when: () => (isNarrow() ? inFront() !== undefined : desktopStore.getState().state.windows.length > 0),
    // A narrow screen shows its home over the windows: to hide them would change the desk.
    run: () => (isNarrow() ? showView("home") : leavePromptFor(showDesktop))
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
