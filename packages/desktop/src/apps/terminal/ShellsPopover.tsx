/** The shells that run on the computer and that no window shows, and a way to each. */
import { SquareTerminal, X } from "lucide-react"
import { useState } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import { plainName } from "../../content/plainText.ts"
import { desktopStore } from "../../state/desktop.ts"
import { Badge } from "../../ui/Badge.tsx"
import { Button } from "../../ui/Button.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { Popover } from "../../ui/Popover.tsx"
import styles from "./ShellsPopover.module.css"
import { endShell, readShells, type Shell, shellName, shellsStore } from "./shellList.ts"
import { shownTerminals } from "./tabs.ts"

export const ShellsPopover = ({
  online,
  onOpen
}: {
  readonly online: boolean
  readonly onOpen: (terminal_id: string) => void
}) => {
  const [open, setOpen] = useState(false)
  const { error, shells } = useStore(shellsStore)
  const shown = useStore(
    desktopStore,
    useShallow(({ state }) => [...shownTerminals(state.windows)])
  )
  const running = shells.filter(({ is_running, terminal_id }) => is_running && !shown.includes(terminal_id))
  const label = running.length === 0 ? "Shells elsewhere" : `Shells elsewhere: ${running.length}`
  return (
    <Popover
      label="Shells elsewhere"
      align="end"
      open={open}
      onOpenChange={(next) => {
        setOpen(next)
        if (next) void readShells()
      }}
      trigger={
        <Button
          size="s"
          variant="ghost"
          aria-label={label}
          icon={<SquareTerminal size={16} strokeWidth={1.75} aria-hidden="true" />}
        >
          {running.length > 0 && <Badge tone="info">{running.length}</Badge>}
        </Button>
      }
    >
      <h3 className={styles.title}>Shells elsewhere</h3>
      {error !== null && (
        <p className={styles.words} role="alert">
          The list could not be read: {error}{" "}
          <Button size="s" onClick={() => void readShells()}>
            Try again
          </Button>
        </p>
      )}
      {error === null && running.length === 0 && (
        <p className={styles.words}>None. A shell whose window is closed while something runs in it stays here.</p>
      )}
      <ul className={styles.list}>
        {running.map((shell) => (
          <Row
            key={shell.terminal_id}
            shell={shell}
            online={online}
            onOpen={() => {
              setOpen(false)
              onOpen(shell.terminal_id)
            }}
          />
        ))}
      </ul>
    </Popover>
  )
}

const Row = ({
  onOpen,
  online,
  shell
}: {
  readonly shell: Shell
  readonly online: boolean
  readonly onOpen: () => void
}) => {
  const name = shellName(shell.terminal_id, shell)
  return (
    <li className={styles.row}>
      <span className={styles.name}>
        {name}
        <span className={styles.folder}>{plainName(shell.folder ?? shell.working_dir)}</span>
      </span>
      <Button size="s" disabled={!online} onClick={onOpen}>
        Open
      </Button>
      <IconButton
        size="s"
        label={`End ${name}`}
        icon={<X size={14} strokeWidth={1.75} aria-hidden="true" />}
        disabled={!online}
        onClick={() => void endShell(shell.terminal_id)}
      />
    </li>
  )
}
