/**
 * What was decided while the list was looked at: it stays in its place for a moment and says what was decided, so that the
 * list does not jump.
 */
import type { Approval } from "@choiros/protocol"
import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"

/** Milliseconds for which it stays. */
const staysMs = 5_000

export const useLately = (): ReadonlyArray<Approval> => {
  const { approvals, decided } = useStore(waitingStore, (store) => store.waiting)
  const [lately, setLately] = useState<ReadonlyArray<Approval>>([])
  const before = useRef(approvals)
  const timers = useRef(new Set<ReturnType<typeof setTimeout>>())

  // Before it is painted without them.
  useLayoutEffect(() => {
    const gone = before.current
    before.current = approvals
    if (gone === approvals) return
    const now = decided.filter(({ approval_id }) => gone.has(approval_id) && !approvals.has(approval_id))
    if (now.length === 0) return
    setLately((shown) => [...shown, ...now])
    const timer = setTimeout(() => {
      timers.current.delete(timer)
      setLately((shown) => shown.filter((one) => !now.includes(one)))
    }, staysMs)
    timers.current.add(timer)
  }, [approvals, decided])

  useEffect(() => {
    const running = timers.current
    return () => {
      for (const timer of running) clearTimeout(timer)
      running.clear()
    }
  }, [])
  return lately
}
