/** The request that the inbox was asked to show: brought into view, with the focus on its card and on no button of it. */
import type { Props } from "@choiros/protocol"
import { type RefObject, useEffect, useRef } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"

/** Its id, as long as it waits. */
export const useAskedApproval = (
  props: Props,
  root: RefObject<HTMLElement | null>,
  showDecided: (shown: boolean) => void,
  showAll: () => void
): string | null => {
  const asked = typeof props.approval_id === "string" ? props.approval_id : null
  const times = typeof props.asked === "number" ? props.asked : 0
  const waits = useStore(waitingStore, ({ waiting }) => asked !== null && waiting.approvals.has(asked))
  const isDecided = useStore(waitingStore, ({ waiting }) => waiting.decided.some((one) => one.approval_id === asked))
  const shown = useRef<string | null>(null)
  const there = waits || isDecided

  useEffect(() => {
    const now = `${times} ${asked}`
    if (asked === null || !there || shown.current === now) return
    shown.current = now
    showAll()
    if (!waits) showDecided(true)
    // After what was just asked for has been drawn.
    requestAnimationFrame(() => {
      const card = root.current?.querySelector<HTMLElement>(`[data-approval="${CSS.escape(asked)}"]`)
      card?.scrollIntoView({ block: "start" })
      card?.focus({ preventScroll: true })
    })
  })
  return waits ? asked : null
}
