/** What a person drops from elsewhere: files and folders. */
import type { Dropped } from "./uploads.ts"

/** Files of one drop; a folder may have any number. */
const most = 1_000

export const isUpload = ({ types }: DataTransfer): boolean => types.includes("Files")

export interface DroppedFiles {
  readonly files: ReadonlyArray<Dropped>
  /** True when there were more. */
  readonly cut: boolean
}

/** The drop's data is gone after its event: to be called at once. */
export const droppedFiles = async (data: DataTransfer): Promise<DroppedFiles> => {
  const entries = [...data.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  const plain = [...data.files]
  const files: Array<Dropped> = []
  if (entries.length === 0) return { files: plain.slice(0, most).map(asDropped), cut: plain.length > most }
  for (const entry of entries) await walk(entry, files)
  return { files: files.slice(0, most), cut: files.length > most }
}

export const asDropped = (file: File): Dropped => ({ file, name: file.webkitRelativePath || file.name })

const walk = async (entry: FileSystemEntry, files: Array<Dropped>): Promise<void> => {
  if (files.length > most) return
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    files.push({ file, name: entry.fullPath.replace(/^\//, "") })
  } else if (isFolder(entry)) {
    const reader = entry.createReader()
    for (;;) {
      const children = await new Promise<Array<FileSystemEntry>>((resolve, reject) =>
        reader.readEntries(resolve, reject)
      )
      if (children.length === 0) return
      for (const child of children) await walk(child, files)
    }
  }
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
