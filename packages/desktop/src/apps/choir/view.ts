/** Which of the three views a window shows, as this browser remembers it. */

export type ChoirView = "stage" | "lanes" | "table"

const key = (window_id: string): string => `choiros.choir.${window_id}`
/** What a new window begins with: what was chosen last, in any. */
const lastKey = key("last")

export const viewOf = (value: unknown): ChoirView | null =>
  value === "stage" || value === "lanes" || value === "table" ? value : null

export const rememberedView = (window_id: string): ChoirView => {
  try {
    return viewOf(localStorage.getItem(key(window_id)) ?? localStorage.getItem(lastKey)) ?? "stage"
  } catch {
    return "stage"
  }
}

export const rememberView = (window_id: string, view: ChoirView): void => {
  try {
    localStorage.setItem(key(window_id), view)
    localStorage.setItem(lastKey, view)
  } catch {
    // Without storage it holds until the page goes.
  }
}
