/** Paths of the workspace: absolute, as the computer names them, with `/` between their parts. */
import { plainName } from "../../content/plainText.ts"

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1)

export const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")))

export const inFolder = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`)

/** Whether `path` is `folder`, or somewhere in it. */
export const isWithin = (folder: string, path: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** As a person reads it: from the workspace on. */
export const shownPath = (root: string | null, path: string): string =>
  root !== null && path.startsWith(`${root}/`) ? path.slice(root.length + 1) : path

export interface Crumb {
  readonly path: string
  readonly name: string
}

/** The folders from the workspace down to this one. */
export const crumbsOf = (root: string, path: string): ReadonlyArray<Crumb> => {
  const crumbs: Array<Crumb> = [{ path: root, name: "Workspace" }]
  if (!path.startsWith(`${root}/`)) return crumbs
  let at = root
  for (const part of path.slice(root.length + 1).split("/")) {
    at = `${at}/${part}`
    crumbs.push({ path: at, name: plainName(part) })
  }
  return crumbs
}

/** A path as a text of others says it, from the folder that the text is in: `../a.png`, `./b.md`, `/docs/c.md`. */
export const resolvedPath = (root: string, folder: string, said: string): string | null => {
  const parts = said.startsWith("/") ? root.split("/") : folder.split("/")
  for (const part of said.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  const path = parts.join("/")
  return isWithin(root, path) ? path : null
}

/** `a.txt` becomes `a 2.txt`, and so on until nothing has the name. */
export const freeName = (name: string, taken: ReadonlySet<string>): string => {
  if (!taken.has(name)) return name
  const dot = name.lastIndexOf(".")
  const [stem, ending] = dot <= 0 ? [name, ""] : [name.slice(0, dot), name.slice(dot)]
  for (let count = 2; ; count += 1) {
    const candidate = `${stem} ${count}${ending}`
    if (!taken.has(candidate)) return candidate
  }
}

/** Why a name can't be one, in words; null where it can. */
export const wrongName = (name: string): string | null => {
  if (name === "") return "A name needs at least one character"
  if (name === "." || name === "..") return "This name has a meaning of its own"
  if (/[/\0]/.test(name)) return "A name can't have a slash"
  return new TextEncoder().encode(name).length > 255 ? "This name is too long" : null
}
