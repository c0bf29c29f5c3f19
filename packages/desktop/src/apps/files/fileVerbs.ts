/** What is done with files, and what is said about it. */
import { ApiError, inWords } from "../../client/api.ts"
import { plainName } from "../../content/plainText.ts"
import { notify } from "../../state/notices.ts"
import { openApp } from "../../state/windows.ts"
import { counted } from "../../ui/format.ts"
import { appFor } from "./fileKinds.ts"
import { listFolder, moveFile, restoreFile, trashFile } from "./filesApi.ts"
import { folderOf, freeName, inFolder, isWithin, nameOf } from "./paths.ts"

export const openFile = (path: string): void => void openApp(appFor(path), { path })

/** One by its name, more by their number. */
const namesOf = (paths: ReadonlyArray<string>): string => {
  const [first] = paths
  return paths.length === 1 && first !== undefined ? plainName(nameOf(first)) : counted(paths.length, "file")
}

const failed = (what: string, error: unknown): void => notify(what, { level: "error", text: inWords(error) })

/** Those whose place is taken in the folder that they go to. */
export const moveInto = async (paths: ReadonlyArray<string>, folder: string): Promise<ReadonlyArray<string>> => {
  const taken: Array<string> = []
  const done: Array<{ readonly from: string; readonly to: string }> = []
  for (const path of paths.filter((one) => folderOf(one) !== folder)) {
    if (isWithin(path, folder)) {
      notify(`${plainName(nameOf(path))} can't be moved into itself`, { level: "warning" })
      continue
    }
    try {
      done.push({ from: path, to: (await moveFile(path, inFolder(folder, nameOf(path)))).path })
    } catch (error) {
      if (error instanceof ApiError && error.status === 409) taken.push(path)
      else failed(`${plainName(nameOf(path))} could not be moved`, error)
    }
  }
  if (done.length > 0) {
    notify(`Moved ${namesOf(done.map(({ to }) => to))} to ${plainName(nameOf(folder))}`, {
      action: { label: "Move back", run: () => void moveBack(done) }
    })
  }
  return taken
}

const moveBack = async (moved: ReadonlyArray<{ readonly from: string; readonly to: string }>): Promise<void> => {
  for (const { from, to } of moved) {
    await moveFile(to, from).catch((error: unknown) =>
      failed(`${plainName(nameOf(to))} could not be moved back`, error)
    )
  }
}

/** Where there is something of that name: that one goes to the trash, or this one gets another name. */
export const moveOver = async (
  paths: ReadonlyArray<string>,
  folder: string,
  how: "replace" | "both"
): Promise<void> => {
  for (const path of paths) {
    try {
      const target = inFolder(folder, nameOf(path))
      if (how === "replace") {
        await trashFile(target)
        await moveFile(path, target)
      } else {
        const { entries } = await listFolder(folder)
        await moveFile(path, inFolder(folder, freeName(nameOf(path), new Set(entries.map(({ name }) => name)))))
      }
    } catch (error) {
      failed(`${plainName(nameOf(path))} could not be moved`, error)
    }
  }
}

/** On their way to the trash: the key that is pressed again does not throw them away twice. */
const leaving = new Set<string>()

export const trashAll = async (paths: ReadonlyArray<string>): Promise<void> => {
  const ids: Array<string> = []
  const done: Array<string> = []
  const wanted = paths.filter((path) => !leaving.has(path))
  for (const path of wanted) leaving.add(path)
  for (const path of wanted) {
    try {
      ids.push((await trashFile(path)).trash_id)
      done.push(path)
    } catch (error) {
      failed(`${plainName(nameOf(path))} could not be moved to the trash`, error)
    } finally {
      leaving.delete(path)
    }
  }
  if (done.length === 0) return
  notify(`Moved ${namesOf(done)} to the trash`, { action: { label: "Bring back", run: () => void bringBack(ids) } })
}

const bringBack = async (ids: ReadonlyArray<string>): Promise<void> => {
  for (const id of ids) {
    await restoreFile(id, null).catch((error: unknown) => failed("It could not be brought back", error))
  }
}

export const copyPath = async (path: string): Promise<void> => {
  try {
    await navigator.clipboard.writeText(path)
    notify("The path was copied")
  } catch {
    notify("The browser does not let this page copy", { level: "warning" })
  }
}
