/** Whether the first steps were taken, or put away, in this browser. */
const key = "choiros.set_up"

export const wasSetUp = (): boolean => {
  try {
    return localStorage.getItem(key) !== null
  } catch {
    // Without storage it would be asked at each visit.
    return true
  }
}

export const markSetUp = (): void => {
  try {
    localStorage.setItem(key, "1")
  } catch {
    return
  }
}
