import { useCallback, useEffect, useRef, useState } from "react"
import { inWords } from "../../client/api.ts"

interface Read<A> {
  readonly value: A | null
  readonly error: string | null
  readonly again: () => void
}

/** Reads once, and when asked again; what was asked for last is shown, whichever comes last. `read` stays the same function. */
export const useRead = <A>(read: () => Promise<A>): Read<A> => {
  const [value, setValue] = useState<A | null>(null)
  const [error, setError] = useState<string | null>(null)
  const turn = useRef(0)
  const again = useCallback(() => {
    turn.current += 1
    const own = turn.current
    setError(null)
    read().then(
      (now) => {
        if (own === turn.current) setValue(now)
      },
      (reason: unknown) => {
        if (own === turn.current) setError(inWords(reason))
      }
    )
  }, [read])
  useEffect(again, [again])
  return { value, error, again }
}
