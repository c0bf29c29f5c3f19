/** What lies over the desktop: one at a time, each loaded when it is first asked for. */
import { createStore } from "zustand/vanilla"

export type Overlay = "palette" | "shortcuts" | "first_run"
/** A part of the status cluster that shows its list. */
export type StatusPart = "runs" | "waiting" | "spend" | "notices" | "connection"

export const overlayStore = createStore<{ readonly overlay: Overlay | null; readonly status: StatusPart | null }>(
  () => ({
    overlay: null,
    status: null
  })
)

export const showOverlay = (overlay: Overlay | null): void => overlayStore.setState({ overlay, status: null })

export const showStatus = (status: StatusPart | null): void => overlayStore.setState({ status })
