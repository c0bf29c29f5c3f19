/** Conversations with agents: the list of them, the one that is read, and what its agent sees. */
import { findThread } from "@choiros/protocol"
import { useCallback, useEffect, useRef, useState } from "react"
import { useStore } from "zustand"
import { takeUp } from "../../actions/appActions.ts"
import { plainName } from "../../content/plainText.ts"
import type { ThreadScope } from "../../state/runs.ts"
import { threadsStore } from "../../state/threads.ts"
import type { AppProps } from "../App.ts"
import styles from "./ChatApp.module.css"
import { NewThread } from "./NewThread.tsx"
import { threadKey } from "./outbox.ts"
import { beginReading, markRead } from "./readMarks.ts"
import { ThreadList } from "./ThreadList.tsx"
import { ThreadView } from "./ThreadView.tsx"
import { useChosenThread } from "./useChosenThread.ts"
import { useWidth } from "./useWidth.ts"

/** Pixels below which list and conversation are shown one at a time. */
const narrowBelow = 620
/** Pixels below which what the agent sees covers the conversation. */
const wideFrom = 980

const ChatApp = ({ active, setTitle, visible, window_id }: AppProps) => {
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const { choose, scope } = useChosenThread(window_id)
  const thread = useStore(threadsStore, ({ threads }) =>
    scope === null ? undefined : findThread(threads, scope.actor_id, scope.session_id, scope.thread_id)
  )
  const [listOpen, setListOpen] = useState<boolean | null>(null)
  const [seesOpen, setSeesOpen] = useState(false)
  const narrow = width > 0 && width < narrowBelow
  const showsList = listOpen ?? !narrow
  const title = scope === null ? "New conversation" : thread === undefined ? "Chat" : titleOf(thread.title)

  useEffect(() => setTitle(title), [setTitle, title])

  const known = useStore(threadsStore, (store) => store.known)
  useEffect(() => {
    if (known) beginReading(latestSeq())
  }, [known])
  useEffect(() => {
    if (active && visible && thread !== undefined) markRead(thread)
  }, [active, visible, thread])

  // In a narrow window the list has done its work when one is chosen.
  const chosen = useCallback(
    (next: ThreadScope | null) => {
      choose(next)
      if (narrow) setListOpen(false)
    },
    [choose, narrow]
  )
  const toggleList = useCallback(() => setListOpen(!showsList), [showsList])
  const toggleSees = useCallback(() => setSeesOpen((open) => !open), [])

  useEffect(() => {
    if (!active) return
    return takeUp({ "chat.new": { run: () => chosen(null) }, "chat.list": { run: toggleList } })
  }, [active, chosen, toggleList])

  return (
    <div ref={frame} className={styles.app}>
      {showsList ? (
        <ThreadList chosen={scope} narrow={narrow} onChoose={chosen} onClose={() => setListOpen(false)} />
      ) : null}
      {narrow && showsList ? null : scope === null ? (
        <NewThread active={active} listShown={showsList} onToggleList={toggleList} onBegun={choose} />
      ) : (
        <ThreadView
          key={threadKey(scope)}
          scope={scope}
          thread={thread}
          active={active}
          listShown={showsList}
          onToggleList={toggleList}
          sees={seesOpen ? (width >= wideFrom ? "beside" : "over") : null}
          onToggleSees={toggleSees}
          onChoose={chosen}
        />
      )}
    </div>
  )
}

const titleOf = (title: string): string => (title.trim() === "" ? "Untitled conversation" : plainName(title))

const latestSeq = (): number => {
  let latest = 0
  for (const [, { last_seq }] of threadsStore.getState().threads) latest = Math.max(latest, last_seq)
  return latest
}

export default ChatApp
