/**
 * The views of a narrow screen, which has room for one thing at a time.
 *
 * Law: null is the window in front. What the person brings to the front, here, leaves the view; what an agent or another
 * screen brings there comes under it.
 */
import { createStore } from "zustand/vanilla"
import type { StatusPart } from "./overlay.ts"

export type CompactView = "home" | "ask" | "more"

interface CompactStore {
  readonly view: CompactView | null
  /** Of the last view, what was asked for; null: it begins at its beginning. */
  readonly part: StatusPart | null
}

export const compactStore = createStore<CompactStore>(() => ({ view: null, part: null }))

export const showView = (view: CompactView | null, part: StatusPart | null = null): void =>
  compactStore.setState({ view, part })
