/** What can be done with the files that are selected, or with the folder where none is. */
import type { FileEntry } from "@choiros/protocol"
import {
  ClipboardPaste,
  Copy,
  Download,
  Eye,
  FilePlus,
  FolderOpen,
  FolderPlus,
  Pencil,
  Scissors,
  SquarePen,
  SquareTerminal,
  Trash2
} from "lucide-react"
import { openApp } from "../../state/windows.ts"
import type { MenuItem } from "../../ui/Menu.tsx"
import { appFor, isEditable } from "./fileKinds.ts"
import { download } from "./filesApi.ts"
import { copyPath } from "./fileVerbs.ts"

export interface FileVerbs {
  readonly folder: string
  readonly offline: boolean
  readonly canPaste: boolean
  readonly open: (entry: FileEntry) => void
  readonly rename: (entry: FileEntry) => void
  readonly cut: (paths: ReadonlyArray<string>) => void
  readonly paste: () => void
  readonly trash: (paths: ReadonlyArray<string>) => void
  readonly newFolder: () => void
  readonly newFile: () => void
}

const icon = { size: 16, strokeWidth: 1.75, "aria-hidden": true } as const

export const fileMenu = (selected: ReadonlyArray<FileEntry>, verbs: FileVerbs): ReadonlyArray<MenuItem> => {
  const [entry] = selected
  if (entry === undefined) return folderMenu(verbs)
  const paths = selected.map(({ path }) => path)
  const one = selected.length === 1
  const files = selected.filter(({ kind }) => kind === "file")
  const { offline } = verbs
  const items: Array<MenuItem> = []
  if (one) {
    items.push({
      id: "open",
      label: "Open",
      icon: <FolderOpen {...icon} />,
      keys: "Enter",
      onSelect: () => verbs.open(entry)
    })
    if (entry.kind === "file" && appFor(entry.path) === "viewer" && isEditable(entry.path)) {
      items.push({
        id: "edit",
        label: "Open in the editor",
        icon: <SquarePen {...icon} />,
        onSelect: () => void openApp("editor", { path: entry.path })
      })
    }
    if (entry.kind === "file" && appFor(entry.path) === "editor") {
      items.push({
        id: "view",
        label: "Open in the viewer",
        icon: <Eye {...icon} />,
        onSelect: () => void openApp("viewer", { path: entry.path })
      })
    }
    if (entry.kind === "folder") items.push(terminalHere(entry.path, offline))
  }
  if (files.length === selected.length) {
    items.push({
      id: "download",
      label: "Download",
      icon: <Download {...icon} />,
      disabled: offline,
      onSelect: () => {
        for (const { path } of files) download(path)
      }
    })
  }
  items.push(
    "separator",
    {
      id: "cut",
      label: "Cut",
      icon: <Scissors {...icon} />,
      keys: "Mod+X",
      disabled: offline,
      onSelect: () => verbs.cut(paths)
    },
    pasteItem(verbs)
  )
  if (one) {
    items.push(
      {
        id: "rename",
        label: "Rename",
        icon: <Pencil {...icon} />,
        keys: "F2",
        disabled: offline,
        onSelect: () => verbs.rename(entry)
      },
      { id: "path", label: "Copy the path", icon: <Copy {...icon} />, onSelect: () => void copyPath(entry.path) }
    )
  }
  items.push("separator", {
    id: "trash",
    label: "Move to the trash",
    icon: <Trash2 {...icon} />,
    keys: "Delete",
    danger: true,
    disabled: offline,
    onSelect: () => verbs.trash(paths)
  })
  return items
}

const folderMenu = (verbs: FileVerbs): ReadonlyArray<MenuItem> => [
  {
    id: "folder",
    label: "New folder",
    icon: <FolderPlus {...icon} />,
    disabled: verbs.offline,
    onSelect: verbs.newFolder
  },
  { id: "file", label: "New file", icon: <FilePlus {...icon} />, disabled: verbs.offline, onSelect: verbs.newFile },
  pasteItem(verbs),
  "separator",
  terminalHere(verbs.folder, verbs.offline)
]

const pasteItem = ({ canPaste, offline, paste }: FileVerbs): MenuItem => ({
  id: "paste",
  label: "Paste",
  icon: <ClipboardPaste {...icon} />,
  keys: "Mod+V",
  disabled: offline || !canPaste,
  onSelect: paste
})

const terminalHere = (path: string, offline: boolean): MenuItem => ({
  id: "terminal",
  label: "Open a terminal here",
  icon: <SquareTerminal {...icon} />,
  disabled: offline,
  onSelect: () => void openApp("terminal", { working_dir: path })
})
