import type { Thread } from "@choiros/protocol"
import { Archive, ArchiveRestore, Ellipsis, Pencil, Trash2 } from "lucide-react"
import { memo } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { choirStore } from "../../state/choir.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { AgentMark } from "../../ui/AgentMark.tsx"
import { classes } from "../../ui/classes.ts"
import { relativeTime } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { LazyMenu, type MenuItem } from "../../ui/Menu.tsx"
import { phaseWords } from "../../ui/phaseWords.ts"
import { StateIcon } from "../../ui/StateIcon.tsx"
import { useNow } from "../../ui/useNow.ts"
import { threadKey } from "./outbox.ts"
import { isUnread, readMarksStore } from "./readMarks.ts"
import { scopeOf } from "./requests.ts"
import styles from "./ThreadList.module.css"

export interface ThreadActs {
  readonly offline: boolean
  readonly onAsk: (asked: { readonly what: "rename" | "delete"; readonly thread: Thread }) => void
  readonly onArchive: (thread: Thread, archived: boolean) => void
}

interface ThreadRowProps extends ThreadActs {
  readonly thread: Thread
  readonly current: boolean
  readonly onChoose: (scope: ThreadScope) => void
}

/** What can be done with a conversation, at its own button and at the pointer. */
export const threadItems = (thread: Thread, { offline, onArchive, onAsk }: ThreadActs): ReadonlyArray<MenuItem> => [
  {
    id: "rename",
    label: "Rename",
    icon: <Pencil size={16} strokeWidth={1.75} />,
    disabled: offline,
    onSelect: () => onAsk({ what: "rename", thread })
  },
  thread.archived
    ? {
        id: "restore",
        label: "Take from the archive",
        icon: <ArchiveRestore size={16} strokeWidth={1.75} />,
        disabled: offline,
        onSelect: () => onArchive(thread, false)
      }
    : {
        id: "archive",
        label: "Archive",
        icon: <Archive size={16} strokeWidth={1.75} />,
        disabled: offline,
        onSelect: () => onArchive(thread, true)
      },
  "separator",
  {
    id: "delete",
    label: "Delete",
    icon: <Trash2 size={16} strokeWidth={1.75} />,
    danger: true,
    disabled: offline,
    onSelect: () => onAsk({ what: "delete", thread })
  }
]

export const ThreadRow = memo(({ current, offline, onArchive, onAsk, onChoose, thread }: ThreadRowProps) => {
  const phase = useStore(choirStore, ({ choir }) =>
    thread.active_run_id === null ? undefined : choir.cards.get(thread.active_run_id)?.phase
  )
  const unread = useStore(readMarksStore, (marks) => !current && isUnread(marks, thread))
  const title = thread.title.trim() === "" ? "Untitled conversation" : plainName(thread.title)
  return (
    <li
      className={classes(styles.row, current && styles.current, unread && styles.unread)}
      data-thread={threadKey(scopeOf(thread))}
    >
      <button
        type="button"
        className={styles.open}
        aria-current={current ? "true" : undefined}
        onClick={() => onChoose(scopeOf(thread))}
      >
        <AgentMark name={thread.agent} className={styles.mark} />
        <span className={styles.words}>
          <span className={styles.title} title={title}>
            {title}
          </span>
          <span className={styles.sub}>
            {phase === undefined ? (
              <>
                {plainName(thread.agent)} · <Ago iso={thread.last_activity_at} />
              </>
            ) : (
              <>
                <StateIcon phase={phase} size={12} decorative />
                {phaseWords[phase].label}
              </>
            )}
          </span>
        </span>
        {unread ? (
          <span className={styles.dot}>
            <span className="visually-hidden">New messages</span>
          </span>
        ) : null}
      </button>
      <LazyMenu
        trigger={
          <IconButton
            size="s"
            className={styles.more}
            label={`More for ${title}`}
            icon={<Ellipsis size={16} strokeWidth={1.75} />}
          />
        }
        align="end"
        items={() => threadItems(thread, { offline, onArchive, onAsk })}
      />
    </li>
  )
})
ThreadRow.displayName = "ThreadRow"

const Ago = ({ iso }: { readonly iso: string }) => {
  const now = useNow(30_000)
  return <time dateTime={iso}>{relativeTime(iso, Math.max(now, Date.parse(iso)))}</time>
}
