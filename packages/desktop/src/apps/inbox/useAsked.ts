/** What the inbox was asked to show: brought into view, with the focus on its card and on no button of it. */
import type { Props } from "@choiros/protocol"
import { type RefObject, useEffect, useRef } from "react"
import { useStore } from "zustand"
import { waitingStore } from "../../state/waiting.ts"

/** A request before a question: who asks for a question says that there is no request (""). */
const askedOf = ({ approval_id, question_id }: Props): readonly ["approval" | "question", string] | null => {
  if (typeof approval_id === "string" && approval_id !== "") return ["approval", approval_id]
  return typeof question_id === "string" && question_id !== "" ? ["question", question_id] : null
}

/** The id of the request that was asked for, as long as it waits. */
export const useAsked = (
  props: Props,
  root: RefObject<HTMLElement | null>,
  showDecided: (shown: boolean) => void,
  showAll: () => void
): string | null => {
  const [kind, asked] = askedOf(props) ?? ["approval", null]
  const times = typeof props.asked === "number" ? props.asked : 0
  const waits = useStore(
    waitingStore,
    ({ waiting }) => asked !== null && (kind === "approval" ? waiting.approvals : waiting.questions).has(asked)
  )
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
      const card = root.current?.querySelector<HTMLElement>(`[data-${kind}="${CSS.escape(asked)}"]`)
      card?.scrollIntoView({ block: "start" })
      card?.focus({ preventScroll: true })
    })
  })
  return waits && kind === "approval" ? asked : null
}
