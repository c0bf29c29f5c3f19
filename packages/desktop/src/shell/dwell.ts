/** Milliseconds that something stays before it is meant: what is only crossed is not. */
const dwell = 80

/** Takes what is near, again and again, and shows it once it has stayed; null, or another, is shown as nothing at once. */
export const dwelling = <A>(show: (near: A | null) => void): ((near: A | null) => void) => {
  let last: A | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  return (near) => {
    if (near === last) return
    last = near
    clearTimeout(timer)
    show(null)
    if (near !== null) timer = setTimeout(() => show(near), dwell)
  }
}
