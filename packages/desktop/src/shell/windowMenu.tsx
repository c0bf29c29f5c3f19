import type { WindowState } from "@choiros/protocol"
import { onWindow } from "../actions/windowActions.ts"
import type { MenuItem } from "../ui/Menu.tsx"

/** What a title bar and the list of windows offer: the actions of windows, by names that need not say of what. */
export const windowMenu = (window: WindowState): ReadonlyArray<MenuItem> => {
  const item = (id: string, label: string, danger = false): ReadonlyArray<MenuItem> => {
    const action = onWindow(`window.${id}`, window)
    return action === undefined ? [] : [{ id, label, danger, keys: action.keys, onSelect: action.run }]
  }
  const quarters = [
    ...item("snap_top_left", "Top left"),
    ...item("snap_top_right", "Top right"),
    ...item("snap_bottom_left", "Bottom left"),
    ...item("snap_bottom_right", "Bottom right")
  ]
  const places: ReadonlyArray<MenuItem> = [
    ...item("snap_left", "Snap left"),
    ...item("snap_right", "Snap right"),
    ...(quarters.length === 0 ? [] : [{ id: "quarter", label: "Snap to a quarter", items: quarters }]),
    ...item("float", "Float")
  ]
  return [
    ...(window.hidden || window.maximized ? item("restore", "Restore") : item("maximize", "Maximize")),
    ...item("minimize", "Minimize"),
    "separator",
    ...places,
    ...(places.length === 0 ? [] : ["separator" as const]),
    ...item("close", "Close", true)
  ]
}
