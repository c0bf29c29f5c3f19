/** The row of tabs: one a terminal. Arrow keys go along it, Delete closes. */
import { type KeyboardEvent, useRef } from "react"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"
import { Badge } from "../../ui/Badge.tsx"
import { isAgents, shellName, shellsStore } from "./shellList.ts"
import styles from "./TabRow.module.css"
import type { ScreenState, TerminalScreen } from "./TerminalScreen.ts"

interface TabRowProps {
  readonly window_id: string
  readonly tabs: ReadonlyArray<string>
  readonly screens: ReadonlyMap<string, TerminalScreen>
  readonly current: string
  readonly onChoose: (terminal_id: string) => void
  readonly onClose: (terminal_id: string) => void
}

export const tabElementId = (window_id: string, terminal_id: string): string => `tab-${window_id}-${terminal_id}`

export const TabRow = ({ current, onChoose, onClose, screens, tabs, window_id }: TabRowProps) => {
  const row = useRef<HTMLDivElement>(null)
  const go = (to: number) => {
    const next = tabs[(to + tabs.length) % tabs.length]
    if (next === undefined) return
    onChoose(next)
    row.current?.querySelector<HTMLElement>(`#${CSS.escape(tabElementId(window_id, next))}`)?.focus()
  }
  const pressed = (event: KeyboardEvent, at: number) => {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: tabs.length - 1 }[event.key]
    if (to !== undefined) go(to)
    else if (event.key === "Delete") onClose(tabs[at] ?? current)
    else return
    event.preventDefault()
  }
  return (
    <div ref={row} className={styles.row} role="tablist" aria-label="Terminals">
      {tabs.map((id, at) => (
        <button
          key={id}
          type="button"
          role="tab"
          id={tabElementId(window_id, id)}
          className={styles.tab}
          aria-selected={id === current}
          aria-controls={id === current ? `${tabElementId(window_id, id)}-panel` : undefined}
          tabIndex={id === current ? 0 : -1}
          onClick={() => onChoose(id)}
          onAuxClick={(event) => {
            if (event.button === 1) onClose(id)
          }}
          onKeyDown={(event) => pressed(event, at)}
        >
          <TabName terminal_id={id} screen={screens.get(id) ?? null} current={id === current} />
        </button>
      ))}
    </div>
  )
}

const noState = createStore<Pick<ScreenState, "title" | "folder" | "rang">>(() => ({
  title: null,
  folder: null,
  rang: false
}))

/** What the terminal is called: by what it says on this page, else by what the computer heard it say. */
export const useTerminalName = (terminal_id: string, screen: TerminalScreen | null): string => {
  const here = useStore(screen?.state ?? noState)
  const listed = useStore(shellsStore, ({ shells }) => shells.find((shell) => shell.terminal_id === terminal_id))
  return shellName(terminal_id, {
    title: here.title ?? listed?.title ?? null,
    folder: here.folder ?? listed?.folder ?? null,
    shell: listed?.shell ?? "Shell"
  })
}

interface TabNameProps {
  readonly terminal_id: string
  readonly screen: TerminalScreen | null
  readonly current: boolean
}

const TabName = ({ current, screen, terminal_id }: TabNameProps) => {
  const name = useTerminalName(terminal_id, screen)
  const rang = useStore(screen?.state ?? noState, (state) => state.rang)
  return (
    <>
      <span className={styles.name}>{name}</span>
      {isAgents(terminal_id) && name !== "Agents' terminal" && <Badge>agents</Badge>}
      {rang && !current && <span className={styles.bell} role="img" aria-label="rang" />}
    </>
  )
}
