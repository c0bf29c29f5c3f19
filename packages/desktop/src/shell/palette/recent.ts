/** What was chosen last, the latest first. */

const key = "choiros.palette"
const kept = 6

export const readRecent = (): ReadonlyArray<string> => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "[]")
    return Array.isArray(value) ? value.filter((id): id is string => typeof id === "string") : []
  } catch {
    return []
  }
}

export const used = (id: string): void => {
  try {
    localStorage.setItem(key, JSON.stringify([id, ...readRecent().filter((one) => one !== id)].slice(0, kept)))
  } catch {
    // Without storage nothing is recent.
  }
}
