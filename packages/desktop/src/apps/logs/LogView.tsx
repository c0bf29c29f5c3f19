/** The events as they come: the list, and what is to be said about it. */
import type { Event } from "@choiros/protocol"
import { ArrowDown, ScrollText } from "lucide-react"
import type { ReactNode } from "react"
import { useStore } from "zustand"
import { connectionStore } from "../../client/Connection.ts"
import { reconnectNow } from "../../state/sync.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { ErrorState } from "../../ui/ErrorState.tsx"
import { count, counted } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { OfflineState } from "../../ui/OfflineState.tsx"
import { OfflineLine } from "../OfflineLine.tsx"
import { EventList } from "./EventList.tsx"
import type { LogState, LogStore } from "./LogStore.ts"
import styles from "./Logs.module.css"
import { partsOf } from "./logFilter.ts"

interface LogViewProps {
  readonly log: LogStore
  readonly state: LogState
  readonly current: number | null
  readonly onCurrent: (event: Event, open: boolean) => void
  readonly onClose: () => void
  readonly onClear: () => void
  readonly onSearch: () => void
}

export const LogView = (props: LogViewProps) => {
  const { log, onClear, onSearch, state } = props
  const { error, filter, following, rested, status, unseen, window } = state
  const offline = useStore(connectionStore, (connection) => connection.status === "offline")
  if (status === "failed" || (status === "loading" && offline)) {
    return offline ? (
      <OfflineState onRetry={reconnectNow} />
    ) : (
      <ErrorState title="The log could not be read" cause={error} onRetry={() => log.retry()} />
    )
  }
  if (status === "loading") return <Loading label="the log" lines={8} />
  const searched = filter.text.trim() !== ""
  const rest = rested && (
    <Note
      action={
        <>
          <Button size="s" onClick={() => void log.older()}>
            Look further back
          </Button>
          <Button size="s" variant="ghost" onClick={onSearch}>
            Search everything
          </Button>
        </>
      }
    >
      Looked back to event {count(window.from)}, and found {counted(window.events.length, "event")}.
    </Note>
  )
  if (window.events.length === 0) {
    if (rested) return rest
    if (state.reading !== null) return <Loading label="older events" lines={8} />
    return searched || partsOf(filter) > 0 ? (
      <Empty
        icon={<ScrollText size={24} strokeWidth={1.5} aria-hidden="true" />}
        title="No event fits"
        action={<Button onClick={onClear}>Show all events</Button>}
      >
        What fits shows up here as soon as it happens.
      </Empty>
    ) : (
      <Empty icon={<ScrollText size={24} strokeWidth={1.5} aria-hidden="true" />} title="Nothing has happened yet" />
    )
  }
  return (
    <div className={styles.view}>
      <OfflineLine />
      {rest}
      {error !== null && (
        <Note
          action={
            <Button size="s" onClick={() => log.retry()}>
              Try again
            </Button>
          }
        >
          More could not be read: {error}.
        </Note>
      )}
      <div className={styles.list}>
        <EventList
          key={state.place}
          log={log}
          state={state}
          current={props.current}
          onCurrent={props.onCurrent}
          onClose={props.onClose}
        />
        {!following && (unseen > 0 || !window.isLive) && (
          <Button
            size="s"
            variant="primary"
            className={styles.fresh}
            icon={<ArrowDown size={14} strokeWidth={1.75} aria-hidden="true" />}
            onClick={() => log.follow(true)}
          >
            {unseen > 0 ? `${count(unseen)} new` : "To the end"}
          </Button>
        )}
      </div>
    </div>
  )
}

const Note = ({ children, action }: { readonly children: ReactNode; readonly action: ReactNode }) => (
  <div className={styles.note}>
    <p role="status">{children}</p>
    {action}
  </div>
)
