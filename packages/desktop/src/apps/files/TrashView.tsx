/** What was deleted, until it is restored. */
import type { TrashEntry } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { Trash2, Undo2 } from "lucide-react"
import { useCallback, useEffect, useRef, useState } from "react"
import { ApiError, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { plainName } from "../../content/plainText.ts"
import { scrollable } from "../../content/scrollable.ts"
import { notify } from "../../state/notices.ts"
import { Button } from "../../ui/Button.tsx"
import { Empty } from "../../ui/Empty.tsx"
import { bytes, relativeTime } from "../../ui/format.ts"
import { Loading } from "../../ui/Loading.tsx"
import { useNow } from "../../ui/useNow.ts"
import { Unread } from "../Unread.tsx"
import { iconOf } from "./fileKinds.ts"
import { listFolder, listTrash, restoreFile } from "./filesApi.ts"
import { folderOf, freeName, inFolder, nameOf, shownPath } from "./paths.ts"
import styles from "./TrashView.module.css"
import { useFileWatch } from "./watchFiles.ts"

type Trash =
  | { readonly status: "loading" }
  | { readonly status: "failed"; readonly error: string; readonly offline: boolean }
  | { readonly status: "ready"; readonly entries: ReadonlyArray<TrashEntry> }

interface TrashProps {
  readonly root: string
  readonly visible: boolean
  readonly active: boolean
  readonly offline: boolean
}

const rowHeight = 44

export const TrashView = ({ active, offline, root, visible }: TrashProps) => {
  const [trash, setTrash] = useState<Trash>({ status: "loading" })
  const latest = useRef(0)
  const load = useCallback(() => {
    latest.current += 1
    const mine = latest.current
    // Answers may overtake each other: only the latest reading is shown.
    const show = (next: (before: Trash) => Trash) => {
      if (mine === latest.current) setTrash(next)
    }
    listTrash().then(
      ({ entries }) => show(() => ({ status: "ready", entries })),
      (error: unknown) =>
        show((before) =>
          before.status === "ready"
            ? before
            : { status: "failed", error: inWords(error), offline: error instanceof ApiError && error.status === 0 }
        )
    )
  }, [])
  useEffect(() => {
    load()
    return onLive(load)
  }, [load])
  useFileWatch({ concerns: () => true, look: load }, visible, active)
  const scroll = useRef<HTMLDivElement>(null)
  const entries = trash.status === "ready" ? trash.entries : []
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => rowHeight,
    overscan: 6
  })

  if (trash.status === "loading") return <Loading label="the trash" />
  if (trash.status === "failed")
    return <Unread title="The trash can't be shown" cause={trash.error} offline={trash.offline} onRetry={load} />
  if (entries.length === 0) {
    return (
      <Empty icon={<Trash2 size={24} strokeWidth={1.5} />} title="The trash is empty">
        What you delete here can be brought back from it. What a shell deletes does not come here.
      </Empty>
    )
  }
  return (
    <div ref={scroll} className={styles.scroll} {...scrollable} role="group" aria-label="Trash">
      <ul className={styles.sheet} style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((row) => {
          const entry = entries[row.index]
          return entry === undefined ? null : (
            <Row key={entry.trash_id} entry={entry} root={root} offline={offline} start={row.start} onRestored={load} />
          )
        })}
      </ul>
    </div>
  )
}

interface RowProps {
  readonly entry: TrashEntry
  readonly root: string
  readonly offline: boolean
  readonly start: number
  readonly onRestored: () => void
}

const Row = ({ entry, offline, onRestored, root, start }: RowProps) => {
  const now = useNow(30_000)
  const [busy, setBusy] = useState(false)
  const Icon = iconOf(entry)
  const name = plainName(nameOf(entry.path))
  const folder = folderOf(entry.path)
  const restore = async () => {
    setBusy(true)
    try {
      await restoreFile(entry.trash_id, null).catch(async (error: unknown) => {
        if (!(error instanceof ApiError) || error.status !== 409) throw error
        const { entries } = await listFolder(folder)
        const free = freeName(nameOf(entry.path), new Set(entries.map((one) => one.name)))
        await restoreFile(entry.trash_id, inFolder(folder, free))
        notify(`Restored as ${plainName(free)}, since ${name} is there already`)
      })
      // It is there no more: it stays busy until the list says so.
      onRestored()
    } catch (error) {
      notify(`${name} could not be restored`, { level: "error", text: inWords(error) })
      setBusy(false)
    }
  }
  return (
    <li className={styles.row} style={{ transform: `translateY(${start}px)`, height: rowHeight }}>
      <Icon className={styles.icon} size={16} strokeWidth={1.75} aria-hidden />
      <span className={styles.words}>
        <span className={styles.name}>{name}</span>
        <span className={styles.from}>
          {folder === root ? "from the workspace" : `from ${plainName(shownPath(root, folder))}`}, deleted{" "}
          <time dateTime={entry.trashed_at}>{relativeTime(entry.trashed_at, now)}</time>
          {entry.kind === "file" && !entry.lost ? `, ${bytes(entry.bytes)}` : ""}
        </span>
      </span>
      {entry.lost ? (
        <span className={styles.lost}>Something has removed it for good</span>
      ) : (
        <Button
          size="s"
          icon={<Undo2 size={14} strokeWidth={1.75} aria-hidden />}
          busy={busy}
          disabled={offline}
          aria-label={`Restore ${name}`}
          onClick={() => void restore()}
        >
          Restore
        </Button>
      )}
    </li>
  )
}
