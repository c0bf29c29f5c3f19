import { useEffect, useRef } from "react"

/**
 * For a field that goes when its words were taken: whether it is still there and says the same. Where its answer is late, it
 * may have been closed, and another one opened, or more may have been typed.
 */
export const useStillSays = (text: string): ((said: string) => boolean) => {
  const now = useRef<string | null>(null)
  useEffect(() => {
    now.current = text
    return () => {
      now.current = null
    }
  }, [text])
  return (said) => now.current?.trim() === said.trim()
}
