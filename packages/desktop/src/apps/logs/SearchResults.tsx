/** Everything that ever happened, by its words: the best or the newest first. */
import type { Event, SearchHit } from "@choiros/protocol"
import { ScanSearch } from "lucide-react"
import { type ReactNode, useCallback, useEffect, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName, visibleText } from "../../content/plainText.ts"
import { Button } from "../../ui/Button.tsx"
import { classes } from "../../ui/classes.ts"
import { Empty } from "../../ui/Empty.tsx"
import { counted } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { present } from "../../ui/present.ts"
import { Unread } from "../Unread.tsx"
import type { LogFilter } from "./logFilter.ts"
import { useAgentOf } from "./names.ts"
import { readEvent, type SearchOrder, search } from "./requests.ts"
import styles from "./SearchResults.module.css"
import { logTime, utcTime } from "./times.ts"
import { useLookUp } from "./useLookUp.ts"

interface SearchResultsProps {
  readonly filter: LogFilter
  readonly order: SearchOrder
  readonly chosen: number | null
  readonly onChoose: (event: Event) => void
}

interface Found {
  readonly hits: ReadonlyArray<SearchHit>
  readonly cursor: string | null
  /** Events that the index has still to take in. */
  readonly behind: number
}

interface Results {
  readonly status: "idle" | "loading" | "ready" | "failed"
  readonly error: string | null
  /** It failed because the computer could not be reached. */
  readonly offline: boolean
  readonly found: Found
}

const nothing: Found = { hits: [], cursor: null, behind: 0 }
const idle: Results = { status: "idle", error: null, offline: false, found: nothing }

const useSearch = (filter: LogFilter, order: SearchOrder) => {
  const [results, setResults] = useState(idle)
  const [tries, setTries] = useState(0)
  const [more, setMore] = useState<string | null>(null)
  const asked = filter.text.trim() !== ""
  useEffect(() => {
    setMore(null)
    if (!asked) {
      setResults(idle)
      return
    }
    const abort = new AbortController()
    setResults((before) => ({
      ...before,
      status: tries === 0 || before.offline ? before.status : "loading",
      // What is shown until the answer comes goes on by another query.
      found: { ...before.found, cursor: null }
    }))
    search(filter, order, null, abort.signal).then(
      ({ head, hits, indexed_to, next_cursor }) =>
        setResults({
          status: "ready",
          error: null,
          offline: false,
          found: { hits, cursor: next_cursor, behind: Math.max(0, head - indexed_to) }
        }),
      (error: unknown) => {
        if (abort.signal.aborted) return
        const offline = error instanceof ApiError && error.status === 0
        setResults({ status: "failed", error: inWords(error), offline, found: nothing })
      }
    )
    return () => abort.abort()
  }, [filter, order, tries, asked])
  useEffect(() => {
    if (more === null) return
    const abort = new AbortController()
    search(filter, order, more, abort.signal).then(
      ({ hits, next_cursor }) => {
        setMore(null)
        setResults(({ found }) => ({
          status: "ready",
          error: null,
          offline: false,
          found: { ...found, hits: [...found.hits, ...hits], cursor: next_cursor }
        }))
      },
      (error: unknown) => {
        if (abort.signal.aborted) return
        setMore(null)
        setResults((before) => ({ ...before, error: inWords(error) }))
      }
    )
    return () => abort.abort()
  }, [filter, order, more])
  const retry = useCallback(() => setTries((before) => before + 1), [])
  const unread = results.status === "failed"
  useEffect(() => (unread ? onLive(retry) : undefined), [unread, retry])
  return {
    ...results,
    isReadingMore: more !== null,
    readMore: () => setMore(results.found.cursor),
    retry
  }
}

export const SearchResults = ({ filter, order, chosen, onChoose }: SearchResultsProps) => {
  const { error, found, isReadingMore, offline, readMore, retry, status } = useSearch(filter, order)
  const [failed, setFailed] = useState<string | null>(null)
  const beginLookUp = useLookUp(chosen)
  const open = (hit: SearchHit): void => {
    setFailed(null)
    const signal = beginLookUp()
    readEvent(hit.event_id, signal).then(
      (event) => (event === null ? setFailed("The event is not in the log any more") : onChoose(event)),
      (cause: unknown) => {
        if (!signal.aborted) setFailed(inWords(cause))
      }
    )
  }

  if (filter.text.trim() === "") {
    return (
      <Empty
        icon={<ScanSearch size={24} strokeWidth={1.5} aria-hidden="true" />}
        title="Search everything that happened"
      >
        Messages, commands and their output, paths, plans, approvals. All words must be there; “a phrase” in quotes, the
        beginning of a word with *, and - before what must not be.
      </Empty>
    )
  }
  if (status === "failed") {
    return <Unread title="The search did not work" cause={error ?? ""} offline={offline} onRetry={retry} />
  }
  if (status !== "ready") return <Loading label="what was found" lines={6} />
  const late =
    found.behind === 0 ? null : (
      <p className={styles.note} role="status">
        The index still takes in the last {counted(found.behind, "event")}: they are not found yet.
      </p>
    )
  if (found.hits.length === 0) {
    return (
      <div className={styles.results}>
        {late}
        <Empty title="Nothing was found">
          No event holds all of these words{filter.text.includes("*") ? "" : "; try the beginning of a word with *"}.
        </Empty>
      </div>
    )
  }
  return (
    <div className={styles.results}>
      {late}
      <ul className={styles.hits} aria-label="Found">
        {found.hits.map((hit) => (
          <li key={hit.event_id} className={styles.item}>
            <button
              type="button"
              className={classes(styles.hit, hit.seq === chosen && styles.chosen)}
              aria-current={hit.seq === chosen ? "true" : undefined}
              onClick={() => open(hit)}
            >
              <HitHead hit={hit} />
              <span className={styles.snippet}>{marked(hit)}</span>
            </button>
          </li>
        ))}
      </ul>
      {(failed ?? error) !== null && (
        <p className={styles.note} role="alert">
          {failed ?? error}
        </p>
      )}
      {found.cursor !== null && (
        <Button className={styles.more} busy={isReadingMore} onClick={readMore}>
          Show more
        </Button>
      )}
    </div>
  )
}

const HitHead = ({ hit: { actor_id, event_type, run_id, timestamp } }: { readonly hit: SearchHit }) => {
  const agent = useAgentOf(run_id)
  return (
    <span className={styles.head}>
      <span className={styles.type}>{plainName(event_type)}</span>
      <span>{plainName(agent ?? actor_id)}</span>
      <time className={styles.time} dateTime={timestamp} title={utcTime(timestamp)}>
        {logTime(timestamp, present())}
      </time>
    </span>
  )
}

/** The snippet, with what was looked for marked. */
const marked = ({ marks, snippet }: SearchHit): ReadonlyArray<ReactNode> => {
  const parts: Array<ReactNode> = []
  let end = 0
  for (const [from, to] of marks) {
    parts.push(visibleText(snippet.slice(end, from)))
    parts.push(<mark key={from}>{visibleText(snippet.slice(from, to))}</mark>)
    end = to
  }
  parts.push(visibleText(snippet.slice(end)))
  return parts
}
