import { useCallback, useState } from "react"

interface Visits {
  readonly places: ReadonlyArray<string>
  readonly at: number
}

export interface History {
  readonly place: string
  readonly go: (place: string) => void
  readonly back: (() => void) | null
  readonly forward: (() => void) | null
}

/** Places that were visited; going back and then elsewhere forgets what was ahead. */
export const useHistory = (first: string): History => {
  const [{ at, places }, setVisits] = useState<Visits>({ places: [first], at: 0 })
  const place = places[at] ?? first
  const go = useCallback(
    (to: string) =>
      setVisits((before) =>
        before.places[before.at] === to
          ? before
          : { places: [...before.places.slice(0, before.at + 1), to], at: before.at + 1 }
      ),
    []
  )
  const step = (by: number) => () => setVisits((before) => ({ ...before, at: before.at + by }))
  return { place, go, back: at > 0 ? step(-1) : null, forward: at < places.length - 1 ? step(1) : null }
}
