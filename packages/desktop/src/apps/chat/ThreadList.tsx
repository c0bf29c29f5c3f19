/** The person's conversations, the latest first. */
import { type Thread, threadsOf } from "@choiros/protocol"
import { Archive, MessageSquarePlus, PanelLeftClose, Search } from "lucide-react"
import { useDeferredValue, useMemo, useState } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { me } from "../../state/session.ts"
import { reconnectNow } from "../../state/sync.ts"
import { threadsStore } from "../../state/threads.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { IconButton } from "../../ui/IconButton.tsx"
import { Loading } from "../../ui/Loading.tsx"
import { ContextMenu } from "../../ui/Menu.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { threadKey } from "./outbox.ts"
import { changeThread, orTell, scopeOf } from "./requests.ts"
import { DeleteThread, RenameThread } from "./ThreadDialogs.tsx"
import styles from "./ThreadList.module.css"
import { type ThreadActs, ThreadRow, threadItems } from "./ThreadRow.tsx"

interface ThreadListProps {
  readonly chosen: ThreadScope | null
  /** It is all that the window shows. */
  readonly narrow: boolean
  readonly onChoose: (scope: ThreadScope | null) => void
  readonly onClose: () => void
}

/** Rows that are drawn at first, and more of them each time. */
const page = 100

export const ThreadList = ({ chosen, narrow, onChoose, onClose }: ThreadListProps) => {
  const { known, threads } = useStore(threadsStore)
  const offline = useStore(connectionStore, ({ status }) => status === "offline")
  const [query, setQuery] = useState("")
  const [archived, setArchived] = useState(false)
  const [shown, setShown] = useState(page)
  const [asking, setAsking] = useState<{ readonly what: "rename" | "delete"; readonly thread: Thread } | null>(null)
  const [pointed, setPointed] = useState<Thread | undefined>()
  const wanted = useDeferredValue(query.trim().toLowerCase())

  // What another agent was asked to do has a thread too; it is read in its run.
  const mine = useMemo(() => threadsOf(threads, me).filter(({ parent_run_id }) => parent_run_id === null), [threads])
  const found = useMemo(
    () =>
      mine.filter(
        (thread) =>
          thread.archived === archived &&
          (wanted === "" || `${thread.title} ${thread.agent}`.toLowerCase().includes(wanted))
      ),
    [mine, archived, wanted]
  )
  const archivedCount = useMemo(() => mine.filter((thread) => thread.archived).length, [mine])
  const chosenKey = chosen === null ? null : threadKey(chosen)

  const setArchivedOf = (thread: Thread, to: boolean): void =>
    orTell(
      to ? "The conversation could not be archived" : "The conversation could not be taken from the archive",
      changeThread(scopeOf(thread), { archived: to })
    )

  const acts: ThreadActs = { offline, onAsk: setAsking, onArchive: setArchivedOf }
  return (
    <nav className={styles.list} data-narrow={narrow} aria-label="Conversations">
      <div className={styles.top}>
        <Button
          size="s"
          className={styles.begin}
          icon={<MessageSquarePlus size={16} strokeWidth={1.75} />}
          onClick={() => onChoose(null)}
        >
          New conversation
        </Button>
        <IconButton
          size="s"
          label="Hide the list"
          keys="Mod+Alt+L"
          icon={<PanelLeftClose size={16} strokeWidth={1.75} />}
          onClick={onClose}
        />
      </div>
      <label className={styles.search}>
        <Search size={14} strokeWidth={1.75} aria-hidden="true" />
        <span className="visually-hidden">Search conversations</span>
        <input
          type="search"
          value={query}
          placeholder="Search"
          onChange={(event) => {
            setQuery(event.target.value)
            setShown(page)
          }}
        />
      </label>
      <ContextMenu items={pointed === undefined ? [] : threadItems(pointed, acts)}>
        <ul
          className={styles.rows}
          onContextMenuCapture={(event) => {
            const { target } = event
            const row = target instanceof Element ? target.closest<HTMLElement>("[data-thread]") : null
            // Elsewhere the browser has its own.
            if (row === null) event.stopPropagation()
            else setPointed(found.find((thread) => threadKey(thread) === row.dataset.thread))
          }}
        >
          {found.slice(0, shown).map((thread) => (
            <ThreadRow
              key={threadKey(thread)}
              thread={thread}
              current={threadKey(thread) === chosenKey}
              offline={offline}
              onChoose={onChoose}
              onAsk={setAsking}
              onArchive={setArchivedOf}
            />
          ))}
          {found.length > shown ? (
            <li>
              <Button variant="ghost" size="s" onClick={() => setShown(shown + page)}>
                Show more
              </Button>
            </li>
          ) : null}
        </ul>
      </ContextMenu>
      {found.length > 0 ? null : !known && offline ? (
        <OfflineState onRetry={reconnectNow} />
      ) : !known ? (
        <Loading label="the conversations" />
      ) : wanted !== "" ? (
        <Empty title={`Nothing is called "${plainName(query)}"`}>
          {archived ? "Only the archive was searched." : archivedCount > 0 ? "The archive was not searched." : null}
        </Empty>
      ) : archived ? (
        <Empty title="The archive is empty" />
      ) : (
        <Empty title="No conversations yet">What you ask an agent is kept here.</Empty>
      )}
      {archivedCount > 0 || archived ? (
        <div className={styles.bottom}>
          <Button
            variant="ghost"
            size="s"
            aria-pressed={archived}
            icon={<Archive size={14} strokeWidth={1.75} />}
            onClick={() => setArchived(!archived)}
          >
            {archived ? "Back to all" : `Archive (${archivedCount})`}
          </Button>
        </div>
      ) : null}
      {asking?.what === "rename" ? <RenameThread thread={asking.thread} onClose={() => setAsking(null)} /> : null}
      {asking?.what === "delete" ? (
        <DeleteThread
          thread={asking.thread}
          onClose={() => setAsking(null)}
          onDeleted={() => {
            if (threadKey(asking.thread) === chosenKey) onChoose(null)
          }}
        />
      ) : null}
    </nav>
  )
}
