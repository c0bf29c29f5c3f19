import { type RefObject, useEffect, useRef } from "react"

/** For an answer that may come late: whether who asked is still on the screen. */
export const useStillHere = (): RefObject<boolean> => {
  const here = useRef(false)
  useEffect(() => {
    here.current = true
    return () => {
      here.current = false
    }
  }, [])
  return here
}
