/** The row above the files: where one is, what one looks for, how it is shown, and what can be made here. */
import {
  ArrowLeft,
  ArrowRight,
  ArrowUp,
  EllipsisVertical,
  FilePlus,
  FolderPlus,
  LayoutGrid,
  List,
  Plus,
  Search,
  Trash2,
  Upload,
  X
} from "lucide-react"
import { useRef } from "react"
import { useStore } from "zustand"
import { IconButton } from "../../ui/IconButton.tsx"
import { Menu } from "../../ui/Menu.tsx"
import { SegmentedControl } from "../../ui/SegmentedControl.tsx"
import { TextField } from "../../ui/TextField.tsx"
import { Crumbs } from "./Crumbs.tsx"
import styles from "./FilesBar.module.css"
import { filesLookStore, setFilesLook } from "./preferences.ts"
import type { SearchWhere } from "./SearchResults.tsx"
import type { History } from "./useHistory.ts"

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const

const wheres = [
  { value: "names", label: "Names" },
  { value: "contents", label: "Contents" }
] as const

export interface Searching {
  readonly query: string
  readonly where: SearchWhere
}

interface BarProps {
  readonly root: string | null
  readonly path: string
  readonly history: History
  readonly onUp: (() => void) | null
  readonly onMove: (paths: ReadonlyArray<string>, folder: string) => void
  readonly searching: Searching | null
  readonly onSearch: (searching: Searching | null) => void
  readonly trash: boolean
  readonly onTrash: (shown: boolean) => void
  readonly offline: boolean
  readonly onNewFolder: () => void
  readonly onNewFile: () => void
  readonly onUpload: (files: ReadonlyArray<File>) => void
  readonly onLeaveSearch: () => void
}

export const FilesBar = (props: BarProps) => {
  const { history, offline, onSearch, onTrash, onUp, path, root, searching, trash } = props
  const look = useStore(filesLookStore)
  const picker = useRef<HTMLInputElement>(null)
  return (
    <header className={styles.bar}>
      <IconButton
        label="Back"
        icon={<ArrowLeft {...icon} />}
        disabled={history.back === null}
        onClick={history.back ?? undefined}
      />
      <IconButton
        label="Forward"
        className={styles.wide}
        icon={<ArrowRight {...icon} />}
        disabled={history.forward === null}
        onClick={history.forward ?? undefined}
      />
      <IconButton
        label="Up"
        keys="Backspace"
        className={styles.wide}
        icon={<ArrowUp {...icon} />}
        disabled={onUp === null}
        onClick={onUp ?? undefined}
      />
      {searching === null ? (
        <>
          {trash || root === null ? (
            <h3 className={styles.title}>{trash ? "Trash" : "Files"}</h3>
          ) : (
            <Crumbs root={root} path={path} onGo={history.go} onMove={props.onMove} />
          )}
          <IconButton
            label="Search"
            keys="Mod+F"
            icon={<Search {...icon} />}
            disabled={trash || offline}
            onClick={() => onSearch({ query: "", where: "names" })}
          />
        </>
      ) : (
        <div className={styles.search} role="search">
          <TextField
            label="Search from here down"
            hideLabel
            className={styles.query}
            type="search"
            // The person has asked for it just now.
            autoFocus
            placeholder="Search from here down"
            value={searching.query}
            onChange={(event) => onSearch({ ...searching, query: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === "Escape") props.onLeaveSearch()
            }}
          />
          <SegmentedControl
            label="Where to search"
            options={wheres}
            value={searching.where}
            onChange={(where) => onSearch({ ...searching, where })}
          />
          <IconButton label="End the search" icon={<X {...icon} />} onClick={props.onLeaveSearch} />
        </div>
      )}
      {searching === null && !trash && (
        <>
          <IconButton
            label={look.view === "list" ? "Show as a grid" : "Show as a list"}
            className={styles.wide}
            icon={look.view === "list" ? <LayoutGrid {...icon} /> : <List {...icon} />}
            onClick={() => setFilesLook({ view: look.view === "list" ? "grid" : "list" })}
          />
          <Menu
            trigger={<IconButton label="New" icon={<Plus {...icon} />} disabled={offline} />}
            align="end"
            items={[
              { id: "folder", label: "New folder", icon: <FolderPlus {...icon} />, onSelect: props.onNewFolder },
              { id: "file", label: "New file", icon: <FilePlus {...icon} />, onSelect: props.onNewFile },
              {
                id: "upload",
                label: "Upload files",
                icon: <Upload {...icon} />,
                onSelect: () => picker.current?.click()
              }
            ]}
          />
        </>
      )}
      <Menu
        trigger={<IconButton label="More" icon={<EllipsisVertical {...icon} />} />}
        align="end"
        items={[
          {
            id: "grid",
            label: "Grid",
            checked: look.view === "grid",
            onSelect: () => setFilesLook({ view: look.view === "grid" ? "list" : "grid" })
          },
          {
            id: "hidden",
            label: "Hidden files",
            checked: look.hidden,
            onSelect: () => setFilesLook({ hidden: !look.hidden })
          },
          {
            id: "preview",
            label: "Preview",
            checked: look.preview,
            onSelect: () => setFilesLook({ preview: !look.preview })
          },
          "separator",
          {
            id: "trash",
            label: trash ? "Back to the files" : "Trash",
            icon: <Trash2 {...icon} />,
            onSelect: () => onTrash(!trash)
          }
        ]}
      />
      <input
        ref={picker}
        type="file"
        multiple
        hidden
        aria-label="Files to upload"
        onChange={(event) => {
          props.onUpload([...(event.target.files ?? [])])
          event.target.value = ""
        }}
      />
    </header>
  )
}
