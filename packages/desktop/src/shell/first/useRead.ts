import { useCallback, useEffect, useState } from "react"
import { inWords } from "../../client/api.ts"

interface Read<A> {
  readonly value: A | null
  readonly error: string | null
  readonly again: () => void
}

/** Reads once, and when asked again. `read` stays the same function. */
export const useRead = <A>(read: () => Promise<A>): Read<A> => {
  const [value, setValue] = useState<A | null>(null)
  const [error, setError] = useState<string | null>(null)
  const again = useCallback(() => {
    setError(null)
    read().then(setValue, (reason: unknown) => setError(inWords(reason)))
  }, [read])
  useEffect(again, [again])
  return { value, error, again }
}
