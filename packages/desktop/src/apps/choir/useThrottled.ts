import { useEffect, useRef, useState } from "react"

/** The value as it was at most `every` milliseconds ago, and its last state always. */
export const useThrottled = <A>(value: A, every: number): A => {
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null)
  const at = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    latest.current = value
    if (timer.current !== null || value === shown) return
    timer.current = setTimeout(
      () => {
        timer.current = null
        at.current = performance.now()
        setShown(() => latest.current)
      },
      Math.max(0, at.current + every - performance.now())
    )
  }, [value, shown, every])
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current)
      timer.current = null
    },
    []
  )
  return shown
}
