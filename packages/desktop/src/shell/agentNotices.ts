/** What agents say to the person, and what they open: always with the name of who did it. */
import { isEvent } from "@choiros/protocol"
import { findApp } from "../apps/catalog.tsx"
import { onEvents } from "../state/listeners.ts"
import { notify } from "../state/notices.ts"
import { showWindow } from "./showWindow.ts"

export const followAgents = (): void => {
  onEvents((batch) => {
    for (const event of batch) {
      if (isEvent(event, "desktop.notified")) {
        const { by, level, text, title } = event.payload
        notify(title, { level, text, by: by?.agent ?? null })
      } else if (isEvent(event, "desktop.window_opened") && event.payload.by !== undefined) {
        const { app_id, by, window_id } = event.payload
        notify(`Opened ${findApp(app_id)?.name ?? app_id}`, {
          by: by.agent,
          action: { label: "Show", run: () => showWindow(window_id) }
        })
      }
    }
  })
}
