/** One event whole: what it says, what it belongs to, and the way along its chain. */
import type { Event } from "@choiros/protocol"
import { ArrowDown, ArrowUp, CornerLeftUp, ListFilter, ListTree, LocateFixed, X } from "lucide-react"
import { type ReactNode, useState } from "react"
import { inWords } from "../../client/api.ts"
import { CopyButton } from "../../content/CopyButton.tsx"
import { JsonView } from "../../content/JsonView.tsx"
import { plainName } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { Button } from "../../ui/Button.tsx"
import { calendarDate, clockTime } from "../../ui/format.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { present } from "../../ui/present.ts"
import styles from "./EventDetail.module.css"
import { type LogFilter, noFilter, type ThreadOf } from "./logFilter.ts"
import { useRunName, useThreadName } from "./names.ts"
import { readPage } from "./requests.ts"
import { utcTime } from "./times.ts"
import { useLookUp } from "./useLookUp.ts"

interface EventDetailProps {
  readonly event: Event
  /** It is in the list beside. */
  readonly isListed: boolean
  readonly onFilter: (filter: LogFilter) => void
  readonly onShowInLog: (event: Event) => void
  readonly onChoose: (event: Event) => void
  readonly onClose: () => void
}

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

export const EventDetail = ({ event, isListed, onFilter, onShowInLog, onChoose, onClose }: EventDetailProps) => {
  const { actor_id, causation_id, correlation_id, event_id, event_type, run_id, session_id, thread_id } = event
  const { failed, find } = useFind(event, onChoose)
  const thread: ThreadOf | null = session_id === null || thread_id === null ? null : { actor_id, session_id, thread_id }
  const along = (order: "asc" | "desc"): void =>
    find(
      {
        correlation_id: correlation_id ?? "",
        [order === "asc" ? "since_seq" : "before_seq"]: String(event.seq),
        order
      },
      order === "asc" ? "Nothing comes after it in its chain" : "Nothing came before it in its chain"
    )
  return (
    <section className={styles.detail} aria-label="Event">
      <header className={styles.head}>
        <h3 className={styles.type}>{plainName(event_type)}</h3>
        <CopyButton text={JSON.stringify(event, null, 2)} what="the event as JSON" />
        <IconButton label="Close the details" size="s" icon={<X {...icon} />} onClick={onClose} />
      </header>
      <div className={styles.body}>
        <p className={styles.when}>
          <span>#{event.seq}</span>
          <time dateTime={event.timestamp}>{localTime(event.timestamp)}</time>
          <span>{utcTime(event.timestamp)}</span>
        </p>
        <div className={styles.ways}>
          {!isListed && (
            <Button size="s" variant="primary" icon={<LocateFixed {...icon} />} onClick={() => onShowInLog(event)}>
              Show in the log
            </Button>
          )}
          <Button
            size="s"
            icon={<ListFilter {...icon} />}
            onClick={() => onFilter({ ...noFilter, patterns: [event_type] })}
          >
            Only this type
          </Button>
          {correlation_id !== null && (
            <>
              <Button size="s" icon={<ListTree {...icon} />} onClick={() => onFilter({ ...noFilter, correlation_id })}>
                Show its chain
              </Button>
              <IconButton
                label="Previous in its chain"
                size="s"
                icon={<ArrowUp {...icon} />}
                onClick={() => along("desc")}
              />
              <IconButton
                label="Next in its chain"
                size="s"
                icon={<ArrowDown {...icon} />}
                onClick={() => along("asc")}
              />
            </>
          )}
          {causation_id !== null && (
            <Button
              size="s"
              icon={<CornerLeftUp {...icon} />}
              onClick={() => find({ event_id: causation_id }, "What caused it is not in the log")}
            >
              Show what caused it
            </Button>
          )}
        </div>
        {failed !== null && (
          <p className={styles.failed} role="status">
            {failed}
          </p>
        )}
        <dl className={styles.ids}>
          {run_id !== null && <RunId run_id={run_id} onFilter={onFilter} />}
          {thread !== null && <ThreadId thread={thread} onFilter={onFilter} />}
          <Id name="Actor" id={actor_id}>
            <Button size="s" variant="ghost" onClick={() => onFilter({ ...noFilter, actor_id })}>
              Only this actor
            </Button>
          </Id>
          {event.user_id !== null && <Id name="User" id={event.user_id} />}
          {correlation_id !== null && <Id name="Chain" id={correlation_id} />}
          {causation_id !== null && <Id name="Caused by" id={causation_id} />}
          <Id name="Event" id={event_id} />
          <Id name="Version" id={String(event.version)} />
        </dl>
        <h4 className={styles.title}>Payload</h4>
        <JsonView value={event.payload} open={2} />
      </div>
    </section>
  )
}

interface OfProps {
  readonly onFilter: (filter: LogFilter) => void
}

const RunId = ({ run_id, onFilter }: OfProps & { readonly run_id: string }) => {
  const name = useRunName(run_id)
  return (
    <Id name="Run" id={run_id} called={name}>
      <Button size="s" variant="ghost" onClick={() => openApp("run", { run_id })}>
        Open the run
      </Button>
      <Button size="s" variant="ghost" onClick={() => onFilter({ ...noFilter, run_id })}>
        Only this run
      </Button>
    </Id>
  )
}

const ThreadId = ({ thread, onFilter }: OfProps & { readonly thread: ThreadOf }) => {
  const name = useThreadName(thread)
  return (
    <Id name="Thread" id={`${thread.session_id} ${thread.thread_id}`} called={name}>
      <Button size="s" variant="ghost" onClick={() => openApp("chat", { ...thread })}>
        Open the thread
      </Button>
      <Button size="s" variant="ghost" onClick={() => onFilter({ ...noFilter, thread })}>
        Only this thread
      </Button>
    </Id>
  )
}

interface IdProps {
  readonly name: string
  readonly id: string
  readonly called?: string | null
  readonly children?: ReactNode
}

const Id = ({ name, id, called = null, children }: IdProps) => (
  <div className={styles.id}>
    <dt>{name}</dt>
    <dd>
      {called !== null && <span className={styles.called}>{called}</span>}
      <code>{plainName(id)}</code>
      {children !== undefined && <span className={styles.actions}>{children}</span>}
    </dd>
  </div>
)

/** Looks for one other event, and says in words when there is none. */
const useFind = (event: Event, onChoose: (event: Event) => void) => {
  const [said, setSaid] = useState<{ readonly of: number; readonly words: string } | null>(null)
  const beginLookUp = useLookUp(event.seq)
  const find = (query: Readonly<Record<string, string>>, missing: string): void => {
    const signal = beginLookUp()
    readPage(new URLSearchParams({ ...query, limit: "1" }), signal).then(
      ({ events: [found] }) => {
        if (found === undefined) setSaid({ of: event.seq, words: missing })
        else onChoose(found)
      },
      (error: unknown) => {
        if (!signal.aborted) setSaid({ of: event.seq, words: inWords(error) })
      }
    )
  }
  return { failed: said?.of === event.seq ? said.words : null, find }
}

const localTime = (iso: string): string => `${calendarDate(iso, present())}, ${clockTime(iso, true)}`
