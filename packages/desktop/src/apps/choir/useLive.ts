/** Whether what is shown can still be true: while the computer can't be reached, its clocks stand. */
import { useRef } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { useNow } from "../../ui/useNow.ts"

/** `known`: something was heard of the computer before. An attempt to reach it again is not yet a connection. */
export const useDown = (known: boolean): boolean =>
  useStore(
    connectionStore,
    ({ attempts, status }) => status === "offline" || (status === "connecting" && (known || attempts > 1))
  )

/** The present, or the last moment with a connection. */
export const useLiveNow = (interval: number): number => {
  const now = useNow(interval)
  const down = useDown(true)
  const last = useRef(now)
  if (!down) last.current = now
  return last.current
}
