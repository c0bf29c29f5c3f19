import type { RunPhase, Thread } from "@choiros/protocol"
import { Archive, ArchiveRestore, Ellipsis, Eye, PanelLeft, Pause, Pencil, Play, Square, Trash2 } from "lucide-react"
import { memo, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu, type MenuItem } from "../../ui/Menu.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useActs } from "./conversationContext.ts"
import { changeThread, orTell } from "./requests.ts"
import { DeleteThread, RenameThread } from "./ThreadDialogs.tsx"
import styles from "./ThreadView.module.css"

interface ThreadHeaderProps {
  readonly scope: ThreadScope
  readonly thread: Thread | undefined
  /** Of the run at work; null without one. */
  readonly run_id: string | null
  readonly phase: RunPhase | null
  readonly listShown: boolean
  readonly onToggleList: () => void
  readonly sees: boolean
  readonly onToggleSees: () => void
  readonly onDeleted: () => void
}

export const ThreadHeader = memo((props: ThreadHeaderProps) => {
  const { listShown, onDeleted, onToggleList, onToggleSees, phase, run_id, scope, sees, thread } = props
  const { pause, resume, stop } = useActs()
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const [asking, setAsking] = useState<"rename" | "delete" | null>(null)
  const title =
    thread === undefined ? "" : thread.title.trim() === "" ? "Untitled conversation" : plainName(thread.title)

  const archive = (archived: boolean): void =>
    orTell("The conversation could not be archived", changeThread(scope, { archived }))

  const items: ReadonlyArray<MenuItem> =
    thread === undefined
      ? []
      : [
          {
            id: "rename",
            label: "Rename",
            icon: <Pencil size={16} strokeWidth={1.75} />,
            disabled: offline,
            onSelect: () => setAsking("rename")
          },
          {
            id: "archive",
            label: thread.archived ? "Take from the archive" : "Archive",
            icon: thread.archived ? (
              <ArchiveRestore size={16} strokeWidth={1.75} />
            ) : (
              <Archive size={16} strokeWidth={1.75} />
            ),
            disabled: offline,
            onSelect: () => archive(!thread.archived)
          },
          "separator",
          {
            id: "delete",
            label: "Delete",
            icon: <Trash2 size={16} strokeWidth={1.75} />,
            danger: true,
            disabled: offline,
            onSelect: () => setAsking("delete")
          }
        ]

  return (
    <header className={styles.header}>
      {listShown ? null : (
        <IconButton
          size="s"
          label="Show the list"
          keys="Mod+Alt+L"
          icon={<PanelLeft size={16} strokeWidth={1.75} />}
          onClick={onToggleList}
        />
      )}
      {thread === undefined ? null : <AgentMark name={thread.agent} labelled />}
      <h3 className={styles.title} title={title}>
        {title}
      </h3>
      {phase === null ? null : (
        <span className={styles.state_line}>
          <StateIcon phase={phase} size={14} decorative />
          <span className={styles.state_words}>{phaseWords[phase].label}</span>
        </span>
      )}
      <span className={styles.buttons}>
        {run_id === null ? null : phase === "paused" ? (
          <IconButton
            size="s"
            label="Resume"
            disabled={offline}
            icon={<Play size={16} strokeWidth={1.75} />}
            onClick={() => resume(run_id)}
          />
        ) : (
          <IconButton
            size="s"
            label="Pause"
            disabled={offline || phase === "stopping"}
            icon={<Pause size={16} strokeWidth={1.75} />}
            onClick={() => pause(run_id)}
          />
        )}
        {run_id === null ? null : (
          <IconButton
            size="s"
            label="Stop"
            keys="Mod+Alt+."
            disabled={offline || phase === "stopping"}
            icon={<Square size={16} strokeWidth={1.75} />}
            onClick={() => stop(run_id)}
          />
        )}
        <IconButton
          size="s"
          label="What the agent sees"
          pressed={sees}
          icon={<Eye size={16} strokeWidth={1.75} />}
          onClick={onToggleSees}
        />
        {items.length === 0 ? null : (
          <Menu
            align="end"
            trigger={
              <IconButton size="s" label="More for the conversation" icon={<Ellipsis size={16} strokeWidth={1.75} />} />
            }
            items={items}
          />
        )}
      </span>
      {thread !== undefined && asking === "rename" ? (
        <RenameThread thread={thread} onClose={() => setAsking(null)} />
      ) : null}
      {thread !== undefined && asking === "delete" ? (
        <DeleteThread thread={thread} onClose={() => setAsking(null)} onDeleted={onDeleted} />
      ) : null}
    </header>
  )
})
ThreadHeader.displayName = "ThreadHeader"
