/** The last known desktop, for the first paint of the next visit. What is in it is shown, and never written back. */
import { Desktop, type DesktopState, desktopFromWire, desktopToWire } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const key = "choiros.desktop"
const decode = Schema.decodeUnknownOption(Desktop)
/** Milliseconds: a drag changes the desktop often, and storage is slow. */
const every = 500

export const readCache = (): DesktopState | null => {
  try {
    const stored = localStorage.getItem(key)
    return stored === null ? null : Option.getOrNull(Option.map(decode(JSON.parse(stored)), desktopFromWire))
  } catch {
    // Storage is off, or holds something else: there is no cache.
    return null
  }
}

let latest: DesktopState | null = null

const store = (): void => {
  const desktop = latest
  latest = null
  try {
    if (desktop !== null) localStorage.setItem(key, JSON.stringify(desktopToWire(desktop)))
  } catch {
    // Without storage the next first paint is an empty desktop.
  }
}

export const writeCache = (state: DesktopState): void => {
  const planned = latest !== null
  latest = state
  if (!planned) setTimeout(store, every)
}

/** What changed just before the page goes is kept, too. */
export const keepCacheOnLeave = (): void => window.addEventListener("pagehide", store)
