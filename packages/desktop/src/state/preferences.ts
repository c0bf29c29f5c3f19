/** How the person likes it. The theme is the computer's to remember, so that it is the same on every screen. */
import { type Event, isEvent, PreferencesReply, type Theme } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get, path, request } from "../client/api.ts"
import { me } from "./session.ts"

export type Contrast = "normal" | "more"

const key = "choiros.look"

export const preferencesStore = createStore<{ readonly theme: Theme; readonly contrast: Contrast }>(() => ({
  theme: document.documentElement.dataset.theme === "light" ? "light" : "dark",
  contrast: document.documentElement.dataset.contrast === "more" ? "more" : "normal"
}))

const show = (): void => {
  const { contrast, theme } = preferencesStore.getState()
  const { dataset } = document.documentElement
  dataset.theme = theme
  dataset.contrast = contrast
  try {
    localStorage.setItem(key, `${theme} ${contrast}`)
  } catch {
    // Without storage the first paint of the next visit is dark.
  }
}

/** Before the first paint: what it was last time. */
export const showStoredLook = (): void => {
  try {
    const [theme, contrast] = (localStorage.getItem(key) ?? "").split(" ")
    preferencesStore.setState({
      theme: theme === "light" ? "light" : "dark",
      contrast: contrast === "more" ? "more" : "normal"
    })
  } catch {
    return
  }
  show()
}

/** Themes that were chosen here and are not stored yet: what the computer tells meanwhile is older than they are. */
let underWay = 0
/** Each is sent after the one before it, so that the last one stands. */
let last: Promise<unknown> = Promise.resolve()
/** Grows whenever a choice begins or ends. */
let turns = 0
/** What was told meanwhile may be the choice of another screen. */
let missed = false

export const readPreferences = async (): Promise<void> => {
  const before = turns
  const { theme } = await get(path`user/${me}/preferences`, PreferencesReply)
  if (underWay > 0) {
    missed = true
    return
  }
  // It may be from before a choice that was stored since.
  if (before !== turns) return readPreferences()
  preferencesStore.setState({ theme })
  show()
}

/** A screen has chosen a theme: another one, or this one a moment ago. */
export const evolvePreferences = (events: ReadonlyArray<Event>): void => {
  const chosen = events.findLast((event) => isEvent(event, "user.theme_preference") && event.user_id === me)
  if (chosen === undefined || !isEvent(chosen, "user.theme_preference")) return
  if (underWay > 0) {
    missed = chosen.payload.theme !== preferencesStore.getState().theme
    return
  }
  preferencesStore.setState({ theme: chosen.payload.theme })
  show()
}

export const setTheme = async (theme: Theme): Promise<void> => {
  preferencesStore.setState({ theme })
  show()
  underWay += 1
  turns += 1
  const store = () => request("PATCH", path`user/${me}/preferences`, PreferencesReply, { body: { theme } })
  const mine = last.then(store, store)
  last = mine
  try {
    await mine
  } finally {
    underWay -= 1
    turns += 1
  }
  if (underWay > 0 || !missed) return
  missed = false
  readPreferences().catch(() => undefined)
}

export const setContrast = (contrast: Contrast): void => {
  preferencesStore.setState({ contrast })
  show()
}
