/** How this browser likes its editors. */
import { createStore } from "zustand/vanilla"

const key = "choiros.editor.wrap"

const read = (): boolean => {
  try {
    return localStorage.getItem(key) === "true"
  } catch {
    return false
  }
}

export const wrapStore = createStore<{ readonly wrap: boolean }>(() => ({ wrap: read() }))

export const toggleWrap = (): void => {
  const wrap = !wrapStore.getState().wrap
  wrapStore.setState({ wrap })
  try {
    localStorage.setItem(key, String(wrap))
  } catch {
    // Without storage it lasts as long as the page.
  }
}
