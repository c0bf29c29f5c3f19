/** The files of a folder, as rows or as tiles; only what is in sight is drawn. */
import type { FileEntry } from "@choiros/protocol"
import { useVirtualizer } from "@tanstack/react-virtual"
import { ArrowDown, ArrowUp } from "lucide-react"
import { type DragEvent, type KeyboardEvent, type RefObject, useEffect, useId, useRef, useState } from "react"
import { draggedPaths, draggedType, isMove } from "../../content/draggedFiles.ts"
import { classes } from "../../ui/classes.ts"
import { isUpload } from "./dropped.ts"
import styles from "./FileList.module.css"
import { FileRow, FileTile } from "./FileRow.tsx"
import { pressed, type Sorting, type SortKey } from "./order.ts"
import { all, extended, moved, nothing, only, type Selection, toggled } from "./selection.ts"
import { useWidth } from "./useWidth.ts"

interface FileListProps {
  readonly entries: ReadonlyArray<FileEntry>
  readonly view: "list" | "grid"
  readonly sorting: Sorting
  readonly onSort: (sorting: Sorting) => void
  readonly selection: Selection
  readonly onSelect: (selection: Selection) => void
  readonly cut: ReadonlySet<string>
  readonly onOpen: (entry: FileEntry) => void
  /** Keys that are not about selecting; true when it was one. */
  readonly onKey: (event: KeyboardEvent) => boolean
  readonly onMove: (paths: ReadonlyArray<string>, folder: string) => void
  /** Null: into the folder that is shown. */
  readonly onUpload: (data: DataTransfer, folder: string | null) => void
  readonly label: string
  readonly listRef: RefObject<HTMLDivElement | null>
}

const tileWidth = 116
const heights = { list: 32, touch: 44, grid: 104 } as const
const page = 10

const columns: ReadonlyArray<{ readonly by: SortKey; readonly label: string }> = [
  { by: "name", label: "Name" },
  { by: "changed", label: "Changed" },
  { by: "size", label: "Size" }
]

export const FileList = (props: FileListProps) => {
  const { cut, entries, label, listRef, onMove, onOpen, onSelect, onSort, onUpload, selection, sorting, view } = props
  const id = useId()
  const width = useWidth(listRef)
  const [target, setTarget] = useState<string | null>(null)
  const typed = useRef({ text: "", at: 0 })
  const across = view === "grid" ? Math.max(1, Math.floor((width - 16) / tileWidth)) : 1
  const touch = window.matchMedia("(pointer: coarse)").matches
  const height = view === "grid" ? heights.grid : touch ? heights.touch : heights.list
  const order = entries.map(({ path }) => path)
  const rows = useVirtualizer({
    count: Math.ceil(entries.length / across),
    getScrollElement: () => listRef.current,
    estimateSize: () => height,
    overscan: 6,
    paddingEnd: 24
  })

  const at = selection.cursor === null ? -1 : order.indexOf(selection.cursor)
  useEffect(() => {
    if (at >= 0) rows.scrollToIndex(Math.floor(at / across))
  }, [rows, at, across])

  const optionId = (index: number): string => `${id}-${index}`

  const onKeyDown = (event: KeyboardEvent) => {
    if (props.onKey(event)) return event.preventDefault()
    const { ctrlKey, key, metaKey, shiftKey } = event
    const mod = ctrlKey || metaKey
    if (mod && key.toLowerCase() === "a") {
      event.preventDefault()
      return onSelect(all(selection, order))
    }
    if (mod || event.altKey) return
    const by = stepOf(key, across, entries.length)
    if (by !== null) {
      event.preventDefault()
      return onSelect(moved(selection, order, by, shiftKey))
    }
    const entry = at < 0 ? undefined : entries[at]
    if (key === "Enter" && entry !== undefined) {
      event.preventDefault()
      onOpen(entry)
    } else if (key === "Escape" && selection.paths.size > 0) {
      event.preventDefault()
      onSelect({ ...nothing, cursor: selection.cursor })
    } else if (key === " " && entry !== undefined) {
      event.preventDefault()
      onSelect(toggled(selection, entry.path))
    } else if (key.length === 1 && key !== " ") {
      const now = event.timeStamp
      typed.current = { text: now - typed.current.at > 800 ? key : typed.current.text + key, at: now }
      const begin = typed.current.text.toLowerCase()
      const found = entries.find(({ name }) => name.toLowerCase().startsWith(begin))
      if (found !== undefined) onSelect(only(found.path))
    }
  }

  const press = (event: { ctrlKey: boolean; metaKey: boolean; shiftKey: boolean }, path: string) => {
    if (event.shiftKey) onSelect(extended(selection, order, path))
    else if (event.ctrlKey || event.metaKey) onSelect(toggled(selection, path))
    else onSelect(only(path))
  }

  const folderAt = (event: DragEvent): string | null => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-path]") : null
    return row?.dataset.kind === "folder" ? (row.dataset.path ?? null) : null
  }
  const onDragOver = (event: DragEvent) => {
    const folder = folderAt(event)
    const upload = isUpload(event.dataTransfer)
    if (!upload && (!isMove(event.dataTransfer) || folder === null)) return setTarget(null)
    event.preventDefault()
    event.dataTransfer.dropEffect = upload ? "copy" : "move"
    setTarget(folder ?? "")
  }
  const onDrop = (event: DragEvent) => {
    const folder = folderAt(event)
    setTarget(null)
    if (isUpload(event.dataTransfer)) {
      event.preventDefault()
      onUpload(event.dataTransfer, folder)
    } else if (folder !== null && isMove(event.dataTransfer)) {
      event.preventDefault()
      onMove(draggedPaths(event.dataTransfer), folder)
    }
  }
  const onDragStart = (event: DragEvent, path: string) => {
    const paths = selection.paths.has(path) ? [...selection.paths] : [path]
    if (!selection.paths.has(path)) onSelect(only(path))
    event.dataTransfer.setData(draggedType, JSON.stringify(paths))
    event.dataTransfer.setData("text/plain", paths.join("\n"))
    event.dataTransfer.effectAllowed = "copyMove"
  }

  return (
    <div className={styles.list}>
      {view === "list" && (
        <div className={styles.header}>
          {columns.map(({ by, label: name }) => (
            <button
              key={by}
              type="button"
              className={classes(styles.column, styles[by])}
              aria-label={`Sort by ${name.toLowerCase()}${sorting.by === by ? (sorting.down ? ", now downward" : ", now upward") : ""}`}
              onClick={() => onSort(pressed(sorting, by))}
            >
              {name}
              {sorting.by === by &&
                (sorting.down ? (
                  <ArrowDown size={12} strokeWidth={1.75} aria-hidden />
                ) : (
                  <ArrowUp size={12} strokeWidth={1.75} aria-hidden />
                ))}
            </button>
          ))}
        </div>
      )}
      <div
        ref={listRef}
        role="listbox"
        aria-label={label}
        aria-multiselectable="true"
        aria-activedescendant={at < 0 ? undefined : optionId(at)}
        tabIndex={0}
        className={classes(styles.scroll, target === "" && styles.dropping)}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.target === event.currentTarget) onSelect(nothing)
        }}
        onDragOver={onDragOver}
        onDragLeave={(event) => {
          if (!(event.relatedTarget instanceof Node) || !event.currentTarget.contains(event.relatedTarget))
            setTarget(null)
        }}
        onDrop={onDrop}
      >
        <div role="presentation" className={styles.sheet} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map((row) => (
            <div
              key={row.key}
              role="presentation"
              className={view === "grid" ? styles.tiles : styles.line}
              style={{
                transform: `translateY(${row.start}px)`,
                height,
                ...(view === "grid" ? { gridTemplateColumns: `repeat(${across}, minmax(0, 1fr))` } : {})
              }}
            >
              {entries.slice(row.index * across, (row.index + 1) * across).map((entry, place) => {
                const index = row.index * across + place
                const Shown = view === "grid" ? FileTile : FileRow
                return (
                  <Shown
                    key={entry.path}
                    id={optionId(index)}
                    entry={entry}
                    place={index + 1}
                    of={entries.length}
                    selected={selection.paths.has(entry.path)}
                    current={index === at}
                    cut={cut.has(entry.path)}
                    target={target === entry.path}
                    onPress={press}
                    onOpen={onOpen}
                    onDragStart={onDragStart}
                  />
                )
              })}
            </div>
          ))}
        </div>
      </div>
    </div>
  )
}

const stepOf = (key: string, across: number, count: number): number | null => {
  switch (key) {
    case "ArrowDown":
      return across
    case "ArrowUp":
      return -across
    case "ArrowRight":
      return across > 1 ? 1 : null
    case "ArrowLeft":
      return across > 1 ? -1 : null
    case "PageDown":
      return page * across
    case "PageUp":
      return -page * across
    case "Home":
      return -count
    case "End":
      return count
    default:
      return null
  }
}
