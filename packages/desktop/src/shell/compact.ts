/**
 * The views of a narrow screen, which has room for one thing at a time.
 *
 * Law: null is the window in front. Whatever brings a window to the front leaves the view.
 */
import { createStore } from "zustand/vanilla"
import { desktopStore } from "../state/desktop.ts"
import { askedStore } from "../state/windows.ts"

export type CompactView = "home" | "ask" | "more"

export const compactStore = createStore<{ readonly view: CompactView | null }>(() => ({ view: null }))

export const showView = (view: CompactView | null): void => compactStore.setState({ view })

export const followWindows = (): void => {
  desktopStore.subscribe(({ active }, before) => {
    if (active !== before.active && active !== null) showView(null)
  })
  askedStore.subscribe(() => showView(null))
}
