/** One file: a row of a list, or a tile of a grid. */
import type { FileEntry } from "@choiros/protocol"
import { type DragEvent, type MouseEvent, memo, type PointerEvent, useRef } from "react"
import { useStore } from "zustand"
import { plainName } from "../../content/plainText.ts"
import { classes } from "../../ui/classes.ts"
import { bytes, relativeTime } from "../../ui/format.ts"
import { useNow } from "../../ui/useNow.ts"
import styles from "./FileRow.module.css"
import { iconOf, kindWords } from "./fileKinds.ts"
import { writerName, writersStore } from "./writers.ts"

interface FileProps {
  readonly id: string
  readonly entry: FileEntry
  /** From 1. */
  readonly place: number
  readonly of: number
  readonly selected: boolean
  readonly current: boolean
  readonly cut: boolean
  readonly target: boolean
  readonly onPress: (event: MouseEvent, path: string) => void
  readonly onOpen: (entry: FileEntry) => void
  readonly onDragStart: (event: DragEvent, path: string) => void
}

const useFileProps = (props: FileProps, look: string | undefined) => {
  const { current, cut, entry, id, of, onDragStart, onOpen, onPress, place, selected, target } = props
  const touched = useRef(false)
  return {
    id,
    role: "option",
    "aria-selected": selected,
    "aria-setsize": of,
    "aria-posinset": place,
    "data-path": entry.path,
    "data-kind": entry.kind,
    className: classes(
      styles.file,
      look,
      selected && styles.selected,
      current && styles.current,
      cut && styles.cut,
      target && styles.target
    ),
    draggable: true,
    onPointerDown: (event: PointerEvent) => {
      touched.current = event.pointerType === "touch"
    },
    onClick: (event: MouseEvent) => {
      // A finger has no second button and no double press: one opens.
      if (touched.current) onOpen(entry)
      else onPress(event, entry.path)
    },
    onDoubleClick: () => {
      if (!touched.current) onOpen(entry)
    },
    onDragStart: (event: DragEvent) => onDragStart(event, entry.path)
  } as const
}

export const FileRow = memo((props: FileProps) => {
  const { entry } = props
  const Icon = iconOf(entry)
  const name = plainName(entry.name)
  return (
    <div {...useFileProps(props, styles.row)}>
      <Icon
        className={entry.kind === "folder" ? styles.folder : styles.icon}
        size={16}
        strokeWidth={1.75}
        aria-hidden
      />
      <span className={styles.name}>{name}</span>
      <Kind entry={entry} />
      <Changed path={entry.path} at={entry.modified_at} />
      <span className={styles.size}>{entry.kind === "file" ? bytes(entry.bytes) : ""}</span>
    </div>
  )
})
FileRow.displayName = "FileRow"

export const FileTile = memo((props: FileProps) => {
  const { entry } = props
  const Icon = iconOf(entry)
  const name = plainName(entry.name)
  return (
    <div {...useFileProps(props, styles.tile)} title={name}>
      <Icon
        className={entry.kind === "folder" ? styles.folder : styles.icon}
        size={36}
        strokeWidth={1.25}
        aria-hidden
      />
      <span className={styles.caption}>{name}</span>
      <Kind entry={entry} />
    </div>
  )
})
FileTile.displayName = "FileTile"

/** What the icon says to the eye. */
const Kind = ({ entry }: { readonly entry: FileEntry }) => <span className="visually-hidden">, {kindWords(entry)}</span>

/** A second of difference is the log's; what was written later than that, a shell wrote. */
const signed = 2_000

/** When it changed, and by whom where that is known. */
export const Changed = ({ path, at }: { readonly path: string; readonly at: string }) => {
  const now = useNow(30_000)
  const written = useStore(writersStore, ({ writers }) => writers.get(path))
  const by =
    written !== undefined && Math.abs(Date.parse(written.at) - Date.parse(at)) < signed ? writerName(written.by) : null
  return (
    <span className={styles.changed}>
      {by !== null && <span className={styles.by}>{by}, </span>}
      <time dateTime={at} title={new Date(at).toLocaleString()}>
        {relativeTime(at, now)}
      </time>
    </span>
  )
}
