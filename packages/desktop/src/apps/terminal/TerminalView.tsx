/** One terminal: its screen, the marks of its commands, its menus, and where it stands. */
import { ClipboardPaste, Copy, Eraser, TextSelect } from "lucide-react"
import { useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { isKeyboardFree } from "../../ui/dialogs.ts"
import { isMac } from "../../ui/keyNames.ts"
import { ContextMenu, Menu, type MenuItem } from "../../ui/Menu.tsx"
import { AgentBanner } from "./AgentBanner.tsx"
import { blockMenu, endWords } from "./blockMenu.tsx"
import type { CommandBlock } from "./CommandBlocks.ts"
import { Questions } from "./Questions.tsx"
import { StatusBar } from "./StatusBar.tsx"
import { TerminalScreen } from "./TerminalScreen.ts"
import styles from "./TerminalView.module.css"
import "@xterm/xterm/css/xterm.css"
import "./xterm.css"

interface TerminalViewProps {
  readonly terminal_id: string
  /** Where a new shell begins. */
  readonly folder: string | null
  readonly name: string
  /** False while another tab, or no window, is shown. */
  readonly visible: boolean
  /** Has the keyboard. */
  readonly active: boolean
  /** Of tabs: the panel belongs to one. */
  readonly panelOf: string
  readonly onScreen: (terminal_id: string, screen: TerminalScreen | null) => void
  readonly onClose: (terminal_id: string) => void
}

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

export const TerminalView = (props: TerminalViewProps) => {
  const { active, folder, name, onClose, onScreen, panelOf, terminal_id, visible } = props
  const host = useRef<HTMLDivElement>(null)
  const [screen, setScreen] = useState<TerminalScreen | null>(null)
  const begins = useRef(folder)

  useEffect(() => {
    const element = host.current
    if (element === null) return
    const opened: TerminalScreen = new TerminalScreen(element, terminal_id, begins.current, (block, mark) =>
      showMark(block, mark, () => {
        const place = mark.getBoundingClientRect()
        const frame = element.getBoundingClientRect()
        opened.state.setState({
          menu: { id: block.id, x: place.left - frame.left, y: place.bottom - frame.top }
        })
      })
    )
    opened.open()
    setScreen(opened)
    onScreen(terminal_id, opened)
    return () => {
      onScreen(terminal_id, null)
      setScreen(null)
      opened.close()
    }
  }, [terminal_id, onScreen])

  useEffect(() => screen?.show(visible), [screen, visible])
  useEffect(() => {
    if (screen === null || !active || !visible) return
    const frame = host.current?.closest("[data-window]")
    // Who types elsewhere by now goes on there.
    const take = () => {
      if (isKeyboardFree() || frame?.contains(document.activeElement) === true) screen.focus()
    }
    take()
    // What it was opened from may take the keyboard back as it closes.
    const stop = screen.session.status.subscribe(({ phase }, before) => {
      if (phase === "live" && before.phase === "connecting") take()
    })
    // The frame has it after its title bar was used, or another window was closed.
    const given = (event: Event) => {
      if (event.target === frame) screen.focus()
    }
    frame?.addEventListener("focusin", given)
    return () => {
      stop()
      frame?.removeEventListener("focusin", given)
    }
  }, [screen, active, visible])

  return (
    <div
      className={styles.view}
      role="tabpanel"
      id={`${panelOf}-panel`}
      aria-labelledby={panelOf}
      hidden={!visible}
      data-terminal={terminal_id}
    >
      {screen !== null && <Banner terminal_id={terminal_id} />}
      <ScreenMenu screen={screen}>
        <div className={styles.stage} data-captures-keys aria-label={name} role="group">
          <div ref={host} className={styles.host} />
          {screen !== null && <BlockMenu screen={screen} />}
        </div>
      </ScreenMenu>
      {screen !== null && <StatusBar screen={screen} onClose={() => onClose(terminal_id)} />}
      {screen !== null && <Questions screen={screen} />}
    </div>
  )
}

const Banner = ({ terminal_id }: { readonly terminal_id: string }) => {
  const online = useStore(connectionStore, ({ status }) => status === "live")
  return <AgentBanner terminal_id={terminal_id} online={online} />
}

/** The mark stands over a cell of the terminal, and is drawn beside it. */
const showMark = (block: CommandBlock, mark: HTMLElement, open: () => void): void => {
  const state =
    block.exit === undefined ? "running" : block.exit === null ? "ended" : block.exit === 0 ? "ok" : "failed"
  if (mark.dataset.state === state) return
  const words = `${block.command === "" ? "A command" : block.command} ${endWords(block)}`
  mark.dataset.state = state
  mark.dataset.tip = words.slice(0, 120)
  mark.classList.add(styles.mark ?? "")
  mark.setAttribute("role", "button")
  mark.setAttribute("aria-label", `${words}: what to do with it`)
  mark.onclick = open
}

const ScreenMenu = ({
  children,
  screen
}: {
  readonly children: React.ReactElement
  readonly screen: TerminalScreen | null
}) => {
  const [items, setItems] = useState<ReadonlyArray<MenuItem>>([])
  return (
    <ContextMenu
      items={items}
      onOpenChange={(open) => {
        if (open && screen !== null) setItems(screenMenu(screen))
      }}
    >
      {children}
    </ContextMenu>
  )
}

const screenMenu = (screen: TerminalScreen): ReadonlyArray<MenuItem> => {
  const live = screen.session.status.getState().phase === "live"
  const block = screen.blockHere()
  return [
    {
      id: "copy",
      label: "Copy",
      icon: <Copy {...icon} />,
      keys: isMac() ? "Mod+C" : "Mod+Shift+C",
      disabled: screen.selection === "",
      onSelect: () => screen.copy()
    },
    {
      id: "paste",
      label: "Paste",
      icon: <ClipboardPaste {...icon} />,
      keys: isMac() ? "Mod+V" : "Mod+Shift+V",
      disabled: !live,
      onSelect: () => void screen.pasteFromClipboard()
    },
    {
      id: "select_all",
      label: "Select all",
      icon: <TextSelect {...icon} />,
      onSelect: () => screen.selectAll()
    },
    {
      id: "clear",
      label: "Clear the scrollback here",
      icon: <Eraser {...icon} />,
      onSelect: () => screen.clear()
    },
    ...(block === null ? [] : ["separator" as const, ...blockMenu(screen, block, live)])
  ]
}

const BlockMenu = ({ screen }: { readonly screen: TerminalScreen }) => {
  const menu = useStore(screen.state, (state) => state.menu)
  const live = useStore(screen.session.status, ({ phase }) => phase === "live")
  const block = menu === null ? null : screen.blocks.find(menu.id)
  if (menu === null || block === null) return null
  return (
    <Menu
      key={`${menu.id} ${menu.x} ${menu.y}`}
      open
      onOpenChange={(open) => {
        if (open) return
        screen.state.setState({ menu: null })
        screen.focus()
      }}
      items={blockMenu(screen, block, live)}
      trigger={
        <button
          type="button"
          tabIndex={-1}
          className={styles.anchor}
          style={{ transform: `translate(${menu.x}px, ${menu.y}px)` }}
          aria-label={`What to do with ${block.command}`}
        />
      }
    />
  )
}
