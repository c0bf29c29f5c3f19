/** The windows that are open, in the order in which they were. */

import type { WindowState } from "@choiros/protocol"
import { useMemo } from "react"
import { useStore } from "zustand"
import { appIcon } from "../apps/catalog.tsx"
import { desktopStore } from "../state/desktop.ts"
import { focusWindow, minimizeWindow } from "../state/windows.ts"
import { ContextMenu } from "../ui/Menu.tsx"
import { Toolbar } from "../ui/Toolbar.tsx"
import { useTooltip } from "../ui/tooltipLayer.ts"
import { areaStore } from "./area.ts"
import { titleOf, titlesStore } from "./titles.ts"
import styles from "./WindowList.module.css"
import { windowMenu } from "./windowMenu.tsx"

export const WindowList = () => {
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const active = useStore(desktopStore, (store) => store.active)
  const titles = useStore(titlesStore, (store) => store.titles)
  const ordered = useMemo(() => windows.toSorted((a, b) => (a.id < b.id ? -1 : 1)), [windows])
  if (ordered.length === 0) return null
  return (
    <Toolbar label="Open windows" className={styles.list}>
      {ordered.map((window) => (
        <Entry key={window.id} window={window} name={titleOf(window, titles)} isActive={window.id === active} />
      ))}
    </Toolbar>
  )
}

interface EntryProps {
  readonly window: WindowState
  readonly name: string
  readonly isActive: boolean
}

const Entry = ({ isActive, name, window }: EntryProps) => {
  const Icon = appIcon(window.app_id)
  const label = window.hidden ? `${name}, minimized` : name
  const tooltip = useTooltip(label)
  // Its menu has other items where windows can't be arranged.
  useStore(areaStore, ({ layout }) => layout)
  return (
    <ContextMenu items={windowMenu(window)}>
      <button
        {...tooltip}
        type="button"
        className={styles.entry}
        aria-label={label}
        aria-current={isActive ? "true" : undefined}
        data-hidden={window.hidden}
        onClick={() => (isActive ? minimizeWindow(window.id) : focusWindow(window.id))}
      >
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
      </button>
    </ContextMenu>
  )
}
