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

export const readPreferences = async (): Promise<void> => {
  const { theme } = await get(path`user/${me}/preferences`, PreferencesReply)
  preferencesStore.setState({ theme })
  show()
}

/** Another screen has chosen a theme. */
export const evolvePreferences = (events: ReadonlyArray<Event>): void => {
  const chosen = events.findLast((event) => isEvent(event, "user.theme_preference") && event.user_id === me)
  if (chosen === undefined || !isEvent(chosen, "user.theme_preference")) return
  preferencesStore.setState({ theme: chosen.payload.theme })
  show()
}

export const setTheme = async (theme: Theme): Promise<void> => {
  preferencesStore.setState({ theme })
  show()
  await request("PATCH", path`user/${me}/preferences`, PreferencesReply, { body: { theme } })
}

export const setContrast = (contrast: Contrast): void => {
  preferencesStore.setState({ contrast })
  show()
}
