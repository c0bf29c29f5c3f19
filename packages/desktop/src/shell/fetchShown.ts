import { catalogEntry } from "../apps/catalog.tsx"
import { desktopStore } from "../state/desktop.ts"

/** What the windows of the last visit need is on its way before anything is drawn. Whatever fails is asked for again. */
export const fetchShown = (): void => {
  const shown = desktopStore.getState().state.windows.filter(({ hidden }) => !hidden)
  if (shown.length === 0) return
  import("./WindowFrame.tsx").catch(() => undefined)
  for (const app_id of new Set(shown.map((window) => window.app_id))) {
    catalogEntry(app_id)
      ?.Component.fetch()
      .catch(() => undefined)
  }
}
