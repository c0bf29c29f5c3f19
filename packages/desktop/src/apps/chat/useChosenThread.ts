/**
 * The conversation that a window shows; null while it is a new one.
 *
 * Law: the window's own props say it, so that a reload and another screen show the same. Until the computer has them, what
 * was chosen here counts.
 */
import { findWindow, type Props } from "@choiros/protocol"
import { useCallback, useEffect, useMemo, useState } from "react"
import { useStore } from "zustand"
import { desktopStore } from "../../state/desktop.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { openApp, updateWindow } from "../../state/windows.ts"
import { threadKey } from "./outbox.ts"

interface Chosen {
  readonly scope: ThreadScope | null
  /** Of the props that it was chosen over. */
  readonly over: string
}

export const useChosenThread = (window_id: string) => {
  const props = useStore(desktopStore, ({ state }) => findWindow(state, window_id)?.props)
  const stored = useMemo(() => scopeOfProps(props), [props])
  const storedKey = stored === null ? "" : threadKey(stored)
  const [chosen, setChosen] = useState<Chosen | null>(null)

  // What the window was told elsewhere, after it was chosen here, counts.
  useEffect(() => setChosen((before) => (before === null || before.over === storedKey ? before : null)), [storedKey])

  const choose = useCallback(
    (scope: ThreadScope | null) => {
      if (scope !== null && threadKey(scope) !== storedKey && isShownElsewhere(scope, window_id)) {
        openApp("chat", { ...scope })
        return
      }
      setChosen({ scope, over: storedKey })
      // In its order with all else that is asked of the window, and counted at once: no late answer brings back what was left.
      if (scope !== null) updateWindow(window_id, { props: { ...scope } })
    },
    [storedKey, window_id]
  )
  const scope = chosen !== null && chosen.over === storedKey ? chosen.scope : stored
  return { scope, choose }
}

const isShownElsewhere = (scope: ThreadScope, window_id: string): boolean =>
  desktopStore.getState().state.windows.some((window) => {
    const shown = window.app_id === "chat" && window.id !== window_id ? scopeOfProps(window.props) : null
    return shown !== null && threadKey(shown) === threadKey(scope)
  })

const scopeOfProps = (props: Props | undefined): ThreadScope | null => {
  const { actor_id, session_id, thread_id } = props ?? {}
  return typeof actor_id === "string" && typeof session_id === "string" && typeof thread_id === "string"
    ? { actor_id, session_id, thread_id }
    : null
}
