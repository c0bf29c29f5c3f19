import { useEffect, useRef } from "react"

/**
 * Begins to look up an event that is to be shown: one at a time, and none goes on after another event was chosen, which a
 * late answer would take away again.
 */
export const useLookUp = (chosen: number | null): (() => AbortSignal) => {
  const last = useRef<{ readonly from: number | null; readonly abort: AbortController } | null>(null)
  useEffect(() => {
    if (last.current?.from !== chosen) last.current?.abort.abort()
  }, [chosen])
  useEffect(() => () => last.current?.abort.abort(), [])
  return () => {
    last.current?.abort.abort()
    const abort = new AbortController()
    last.current = { from: chosen, abort }
    return abort.signal
  }
}
