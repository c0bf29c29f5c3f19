/** The terminal: shells of the computer, in tabs. */

import type { Props } from "@choiros/protocol"
import { Plus, X } from "lucide-react"
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { takeUp } from "../../actions/appActions.ts"
import { connectionStore } from "../../client/Connection.ts"
import { closeWindow, updateWindow, windowOf } from "../../state/windows.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import type { AppProps } from "../App.ts"
import { blockDoings } from "./blockMenu.tsx"
import { ShellsPopover } from "./ShellsPopover.tsx"
import { leaveShell, rememberTabs, shellsStore, watchShells } from "./shellList.ts"
import { TabRow, tabElementId, useTerminalName } from "./TabRow.tsx"
import styles from "./TerminalApp.module.css"
import type { TerminalScreen } from "./TerminalScreen.ts"
import { TerminalView } from "./TerminalView.tsx"
import { hasRoom, neighbour, nextId, tabsOf } from "./tabs.ts"

const TerminalApp = ({ active, props, setTitle, visible, window_id }: AppProps) => {
  const tabs = tabsOf(window_id, props)
  const [chosen, setChosen] = useState<string | null>(null)
  const current = chosen !== null && tabs.includes(chosen) ? chosen : (tabs.at(-1) ?? "")
  /** A terminal that was never looked at is not connected. */
  const [looked, setLooked] = useState<ReadonlySet<string>>(new Set())
  const [screens, setScreens] = useState<ReadonlyMap<string, TerminalScreen>>(new Map())
  const [folders, setFolders] = useState<ReadonlyMap<string, string>>(new Map())
  const online = useStore(connectionStore, ({ status }) => status === "live")
  const screen = screens.get(current) ?? null
  const name = useTerminalName(current, screen)

  useEffect(watchShells, [])
  useEffect(() => rememberTabs(window_id, tabs), [window_id, tabs])
  useEffect(() => setTitle(name), [name, setTitle])
  useEffect(() => {
    if (visible && !looked.has(current)) setLooked(new Set([...looked, current]))
  }, [current, looked, visible])

  const keep = (next: ReadonlyArray<string>) => {
    // Not what it was asked to show after it was opened: that is of this screen alone.
    const { terminal_id: _, ...before }: Props = windowOf(window_id)?.props ?? {}
    updateWindow(window_id, { props: { ...before, tabs: [...next] } })
  }
  const add = (terminal_id: string, folder: string | null) => {
    if (folder !== null) setFolders(new Map(folders).set(terminal_id, folder))
    keep([...tabs.filter((id) => id !== terminal_id), terminal_id])
    setChosen(terminal_id)
  }
  const addNew = () => {
    const known = shellsStore.getState().shells.map(({ terminal_id }) => terminal_id)
    add(nextId(window_id, tabs, known), screen?.state.getState().folder ?? null)
  }
  const close = (terminal_id: string) => {
    void leaveShell(terminal_id)
    const next = neighbour(tabs, terminal_id)
    if (next === undefined) return closeWindow(window_id)
    if (terminal_id === current) setChosen(next)
    keep(tabs.filter((id) => id !== terminal_id))
  }
  const onScreen = useCallback(
    (terminal_id: string, opened: TerminalScreen | null) =>
      setScreens((before) => {
        const after = new Map(before)
        if (opened === null) after.delete(terminal_id)
        else after.set(terminal_id, opened)
        return after
      }),
    []
  )
  const mayAdd = online && hasRoom(tabs)
  const acts = useRef({ addNew, close: () => close(current) })
  useEffect(() => {
    acts.current = { addNew, close: () => close(current) }
  })
  useEffect(() => {
    if (!active) return
    return takeUp({
      "terminal.new_tab": { icon: Plus, when: () => mayAdd, run: () => acts.current.addNew() },
      "terminal.close_tab": { icon: X, run: () => acts.current.close() },
      ...(screen === null ? {} : blockDoings(screen))
    })
  }, [active, mayAdd, screen])
  const asked = typeof props.working_dir === "string" ? props.working_dir : null

  return (
    <div className={styles.app}>
      <div className={styles.bar}>
        <TabRow
          window_id={window_id}
          tabs={tabs}
          screens={screens}
          current={current}
          onChoose={setChosen}
          onClose={close}
        />
        <IconButton
          size="s"
          label="New tab"
          icon={<Plus size={16} strokeWidth={1.75} aria-hidden="true" />}
          disabled={!mayAdd}
          onClick={addNew}
        />
        <ShellsPopover online={online} onOpen={(id) => add(id, null)} />
        {tabs.length > 1 && (
          <IconButton
            size="s"
            label="Close this tab"
            icon={<X size={16} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => close(current)}
          />
        )}
      </div>
      {tabs.map((id) =>
        looked.has(id) ? (
          <TerminalView
            key={id}
            terminal_id={id}
            folder={folders.get(id) ?? asked}
            name={id === current ? name : "Terminal"}
            visible={visible && id === current}
            active={active}
            panelOf={tabElementId(window_id, id)}
            onScreen={onScreen}
            onClose={close}
          />
        ) : null
      )}
    </div>
  )
}

export default TerminalApp
