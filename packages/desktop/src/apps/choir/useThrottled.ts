import { useEffect, useRef, useState } from "react"
import { type Throttle, throttle } from "./throttle.ts"

/** The value as it was at most `every` milliseconds ago, and its last state always. */
export const useThrottled = <A>(value: A, every: number): A => {
  const [shown, setShown] = useState(value)
  const latest = useRef(value)
  const clock = useRef<Throttle | null>(null)
  useEffect(() => {
    const made = throttle(() => setShown(() => latest.current), every)
    clock.current = made
    return made.stop
  }, [every])
  useEffect(() => {
    latest.current = value
    if (value !== shown) clock.current?.changed()
  }, [value, shown])
  return shown
}
