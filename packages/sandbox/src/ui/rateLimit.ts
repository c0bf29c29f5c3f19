/** How often a run may do a thing: so many times in any one minute. In memory alone. */

export interface RateLimit {
  /** Counts one and gives null; or gives the seconds until there is room again, and counts nothing. */
  readonly take: (runId: string, now: number) => number | null
}

const minute = 60_000
/** Runs that are remembered; whoever was quiet for a minute is forgotten when there are more. */
const runsAtOnce = 1_000

export const makeRateLimit = (perMinute: number): RateLimit => {
  const taken = new Map<string, ReadonlyArray<number>>()
  return {
    take: (runId, now) => {
      const recent = (taken.get(runId) ?? []).filter((at) => now - at < minute)
      const [oldest] = recent
      if (oldest !== undefined && recent.length >= perMinute) return Math.ceil((oldest + minute - now) / 1_000)
      if (taken.size >= runsAtOnce) {
        for (const [id, times] of taken) if (times.every((at) => now - at >= minute)) taken.delete(id)
      }
      taken.set(runId, [...recent, now])
      return null
    }
  }
}
