/** Keeps the view of a narrow screen with what the person does with windows. */
import { desktopStore } from "../state/desktop.ts"
import { wantedStore } from "../state/windows.ts"
import { compactStore, showView } from "./compact.ts"
import { isInPrompt } from "./prompt/focus.ts"

export const followWindows = (): void => {
  // Who writes on a bare desktop goes on writing there, whatever is opened meanwhile.
  desktopStore.subscribe(({ active, known }, before) => {
    if (known && before.active === null && active !== null && compactStore.getState().view === null && isInPrompt())
      showView("home")
  })
  wantedStore.subscribe(() => showView(null))
}
