/**
 * Tells a view that files it shows may have changed.
 *
 * Law: what was changed over the computer is told by its event at once. A shell tells nobody: after what may have been one
 * (a tool's result), and when the person comes back to the window, the view is to look for itself.
 */
import type { Event } from "@choiros/protocol"
import { useEffect, useRef } from "react"
import { onEvents, onStream } from "../../state/listeners.ts"
import { changeOf, type FileChange } from "./writers.ts"

/** Milliseconds in which what belongs together comes together. */
const together = 150
const afterTools = 1_500

export interface FileWatch {
  /** Whether the view shows what has changed. */
  readonly concerns: (change: FileChange) => boolean
  readonly look: () => void
  /** Each change that it shows, as it comes. */
  readonly changed?: (change: FileChange) => void
}

/** Looks again when something changed, but only while it is seen; what came meanwhile is made up for. */
export const useFileWatch = (watch: FileWatch, visible: boolean, active: boolean): void => {
  const current = useRef({ watch, visible, missed: false })
  current.current = { ...current.current, watch, visible }

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null
    let due = Number.POSITIVE_INFINITY
    const soon = (wait: number) => {
      const at = performance.now() + wait
      if (timer !== null && at >= due) return
      if (timer !== null) clearTimeout(timer)
      due = at
      timer = setTimeout(() => {
        timer = null
        if (current.current.visible) current.current.watch.look()
        else current.current.missed = true
      }, wait)
    }
    const heard = (batch: ReadonlyArray<Event>) => {
      for (const event of batch) {
        const change = changeOf(event)
        if (change === null) {
          if (event.event_type === "tool.result" || event.event_type === "viewer.content_saved") soon(afterTools)
        } else if (current.current.watch.concerns(change)) {
          current.current.watch.changed?.(change)
          soon(together)
        }
      }
    }
    const leave = onEvents(heard)
    let first = true
    const leaveStream = onStream(() => {
      if (!first) soon(together)
    })
    first = false
    return () => {
      leave()
      leaveStream()
      if (timer !== null) clearTimeout(timer)
    }
  }, [])

  const wasActive = useRef(active)
  useEffect(() => {
    const back = active && !wasActive.current
    wasActive.current = active
    if (!visible) return
    if (back || current.current.missed) {
      current.current.missed = false
      current.current.watch.look()
    }
  }, [visible, active])
}
