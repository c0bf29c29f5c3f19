/** Files by their name, or by what is in them. */
import type { FileSearchReply } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { SearchX } from "lucide-react"
import { type KeyboardEvent, useCallback, useEffect, useId, useRef, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName, shortened, visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import { classes } from "../../ui/classes.ts"
import { Empty } from "../../ui/Empty.tsx"
import { count } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { Unread } from "../Unread.tsx"
import { iconOf } from "./fileKinds.ts"
import { searchFiles } from "./filesApi.ts"
import { openFile } from "./fileVerbs.ts"
import { folderOf, nameOf, shownPath } from "./paths.ts"
import styles from "./SearchResults.module.css"

export type SearchWhere = "names" | "contents"

type Match = FileSearchReply["matches"][number]

type Found =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: string; readonly offline: boolean }
  | {
      readonly status: "ready"
      /** What was asked for. */
      readonly of: string
      readonly matches: ReadonlyArray<Match>
      readonly truncated: boolean
    }

interface SearchProps {
  readonly query: string
  readonly where: SearchWhere
  readonly folder: string
  readonly root: string
  readonly onFolder: (path: string) => void
}

/** Milliseconds that a person may go on typing. */
const pause = 200
const rowHeight = 44

export const SearchResults = ({ folder, onFolder, query, root, where }: SearchProps) => {
  const [found, setFound] = useState<Found>({ status: "loading" })
  const asked = JSON.stringify([query, where, folder])
  const [again, setAgain] = useState(0)
  const [at, setAt] = useState(0)
  const id = useId()
  const scroll = useRef<HTMLDivElement>(null)

  useEffect(() => {
    const left = new AbortController()
    const timer = setTimeout(
      () => {
        searchFiles(query, where, folder, left.signal).then(
          ({ matches, truncated }) => {
            setFound({ status: "ready", of: asked, matches, truncated })
            setAt(0)
          },
          (error: unknown) => {
            if (left.signal.aborted) return
            const offline = error instanceof ApiError && error.status === 0
            setFound({ status: "failed", error: inWords(error), offline })
          }
        )
      },
      again === 0 ? pause : 0
    )
    return () => {
      clearTimeout(timer)
      left.abort()
    }
  }, [asked, query, where, folder, again])

  const retry = useCallback(() => setAgain((before) => before + 1), [])
  const unread = found.status === "failed"
  useEffect(() => (unread ? onLive(retry) : undefined), [unread, retry])
  const matches = found.status === "ready" ? found.matches : []
  const rows = useVirtualizer({
    count: matches.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 6
  })

  const open = (match: Match | undefined) => {
    if (match === undefined) return
    if (match.kind === "folder") onFolder(match.path)
    else if (match.line > 0) openApp("editor", { path: match.path, line: match.line })
    else openFile(match.path)
  }
  const go = (to: number) => {
    const next = Math.max(0, Math.min(matches.length - 1, to))
    setAt(next)
    rows.scrollToIndex(next)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      Home: 0,
      End: matches.length - 1,
      PageDown: at + 10,
      PageUp: at - 10
    }
    if (key === "Enter") open(matches[at])
    else if (key in to) {
      event.preventDefault()
      go(Object.entries(to).find(([name]) => name === key)?.[1] ?? at)
    }
  }

  // That nothing was found is said of what was looked for, and not of what is typed now.
  const isOfOther = found.status === "ready" && found.of !== asked && matches.length === 0
  if (found.status === "loading" || isOfOther) return <Loading label="what was found" />
  if (found.status === "failed") {
    return <Unread title="The search failed" cause={found.error} offline={found.offline} onRetry={retry} />
  }
  if (matches.length === 0) {
    return (
      <Empty
        icon={<SearchX size={24} strokeWidth={1.5} />}
        title={`Nothing has “${shortened(plainName(query), 60)}” in its ${where === "names" ? "name" : "text"}`}
      >
        Searched from here down, and not in .git and node_modules.
      </Empty>
    )
  }
  return (
    <div className={styles.results}>
      <p className={styles.count} role="status">
        {found.truncated
          ? `The first ${count(matches.length)} matches`
          : `${count(matches.length)} ${matches.length === 1 ? "match" : "matches"}`}
      </p>
      <div
        ref={scroll}
        className={styles.scroll}
        role="listbox"
        aria-label="Found"
        tabIndex={0}
        aria-activedescendant={`${id}-${at}`}
        onKeyDown={onKeyDown}
        onClick={(event) => {
          const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-at]") : null
          if (row === null) return
          setAt(Number(row.dataset.at))
          open(matches[Number(row.dataset.at)])
        }}
      >
        <div role="presentation" className={styles.sheet} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => {
            const match = matches[index]
            return match === undefined ? null : (
              <div
                key={index}
                id={`${id}-${index}`}
                role="option"
                tabIndex={-1}
                data-at={index}
                aria-selected={index === at}
                aria-setsize={matches.length}
                aria-posinset={index + 1}
                className={classes(styles.row, index === at && styles.current)}
                style={{ transform: `translateY(${start}px)`, height: rowHeight }}
              >
                <Result match={match} query={query} root={root} />
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
}

const Result = ({ match, query, root }: { readonly match: Match; readonly query: string; readonly root: string }) => {
  const Icon = iconOf({ kind: match.kind ?? "file", path: match.path })
  const place = match.line > 0 ? `${shownPath(root, match.path)}:${match.line}` : shownPath(root, folderOf(match.path))
  return (
    <>
      <Icon className={styles.icon} size={16} strokeWidth={1.75} aria-hidden />
      <span className={styles.words}>
        <span className={match.line > 0 ? styles.code : styles.name}>
          <Marked text={match.line > 0 ? match.text.trim() : nameOf(match.path)} query={query} />
        </span>
        <span className={styles.place}>
          {folderOf(match.path) === root && match.line === 0 ? "Workspace" : plainName(place)}
        </span>
      </span>
    </>
  )
}

/** Characters around what was found. */
const around = 160

const Marked = ({ text, query }: { readonly text: string; readonly query: string }) => {
  const at = text.toLowerCase().indexOf(query.toLowerCase())
  if (at < 0) return <>{visibleText(shortened(text, around * 2))}</>
  const from = Math.max(0, at - around / 4)
  return (
    <>
      {from > 0 ? "…" : ""}
      {visibleText(text.slice(from, at))}
      <mark className={styles.mark}>{visibleText(text.slice(at, at + query.length))}</mark>
      {visibleText(shortened(text.slice(at + query.length), around))}
    </>
  )
}
