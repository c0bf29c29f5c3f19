import type { WindowState } from "@choiros/protocol"
import { findAction } from "../actions/Action.ts"
import { keysOf } from "../actions/keys.ts"
import { closeWindow, minimizeWindow, snapWindow, toggleMaximized } from "../state/windows.ts"
import type { MenuItem } from "../ui/Menu.tsx"

const keys = (id: string): { readonly keys?: string } => {
  const action = findAction(id)
  const first = action === undefined ? undefined : keysOf(action)[0]
  return first === undefined ? {} : { keys: first }
}

/** What a title bar and the list of windows offer. */
export const windowMenu = ({ id, maximized, zone }: WindowState): ReadonlyArray<MenuItem> => [
  {
    id: "maximize",
    label: maximized ? "Restore" : "Maximize",
    ...keys("window.maximize"),
    onSelect: () => toggleMaximized(id)
  },
  { id: "minimize", label: "Minimize", ...keys("window.minimize"), onSelect: () => minimizeWindow(id) },
  "separator",
  { id: "left", label: "Snap left", ...keys("window.snap_left"), onSelect: () => snapWindow(id, "left") },
  { id: "right", label: "Snap right", ...keys("window.snap_right"), onSelect: () => snapWindow(id, "right") },
  {
    id: "quarter",
    label: "Snap to a quarter",
    items: [
      { id: "top_left", label: "Top left", onSelect: () => snapWindow(id, "top_left") },
      { id: "top_right", label: "Top right", onSelect: () => snapWindow(id, "top_right") },
      { id: "bottom_left", label: "Bottom left", onSelect: () => snapWindow(id, "bottom_left") },
      { id: "bottom_right", label: "Bottom right", onSelect: () => snapWindow(id, "bottom_right") }
    ]
  },
  ...(zone === null ? [] : [{ id: "float", label: "Float", onSelect: () => snapWindow(id, null) } satisfies MenuItem]),
  "separator",
  { id: "close", label: "Close", danger: true, ...keys("window.close"), onSelect: () => closeWindow(id) }
]
