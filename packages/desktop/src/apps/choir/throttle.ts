/**
 * Draws what changes all the time, now and then.
 *
 * Law: a change is drawn within `every` milliseconds, and nothing is drawn twice in so many; what changed last is drawn always.
 */
export interface Throttle {
  /** Something has changed. */
  readonly changed: () => void
  readonly stop: () => void
}

export const throttle = (draw: () => void, every: number): Throttle => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let at = Number.NEGATIVE_INFINITY
  const now = () => {
    timer = undefined
    at = performance.now()
    draw()
  }
  return {
    changed: () => {
      timer ??= setTimeout(now, Math.max(0, at + every - performance.now()))
    },
    stop: () => {
      clearTimeout(timer)
      timer = undefined
    }
  }
}
