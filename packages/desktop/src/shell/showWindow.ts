import { notify } from "../state/notices.ts"
import { focusWindow, windowOf } from "../state/windows.ts"

/** One that was named a while ago may be closed by now. */
export const showWindow = (window_id: string): void => {
  if (windowOf(window_id) === undefined) notify("That window is not open any more", { level: "warning" })
  else focusWindow(window_id)
}
