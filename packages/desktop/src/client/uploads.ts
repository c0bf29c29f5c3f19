/** Files that are dropped on or pasted into a line of text: they go into the workspace, and are mentioned by their path. */
import { FilesReply, FileWriteReply } from "@choiros/protocol"
import { fileMention } from "../prompt/mentions.ts"
import { ApiError, get, inWords, request } from "./api.ts"

const folder = "uploads"
const mostNames = 50

/** Uploads one, under a name that is free; gives its path. */
export const uploadFile = async (file: File): Promise<string> => {
  const name = nameOf(file)
  for (let copy = 1; ; copy += 1) {
    const path = `${folder}/${numbered(name, copy)}`
    try {
      await request("POST", "/files/upload", FileWriteReply, { query: { path }, body: file })
      return path
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409 || copy >= mostNames) throw error
    }
  }
}

/** A pasted picture has no name of its own. */
const nameOf = ({ name, type }: File): string => {
  const plain = name.replace(/[/\\\0]/g, "-").replace(/^\.+/, "")
  return plain === "" ? `pasted.${type.split("/")[1]?.split("+")[0] ?? "bin"}` : plain
}

const numbered = (name: string, copy: number): string => {
  if (copy === 1) return name
  const dot = name.lastIndexOf(".")
  return dot <= 0 ? `${name}-${copy}` : `${name.slice(0, dot)}-${copy}${name.slice(dot)}`
}

/** Files of the workspace, given by their absolute paths: as they are typed, from the workspace on. */
export const mentionsOf = async (paths: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  // Where the workspace begins can't be told without the computer; whole paths name the files, too.
  const root = await get("/files", FilesReply, { path: "." }).then(
    ({ path }) => `${path}/`,
    () => null
  )
  return paths.map((path) => fileMention(root !== null && path.startsWith(root) ? path.slice(root.length) : path))
}

/** Uploads all; gives the mentions of those that arrived, and why the others did not. */
export const uploadAll = async (
  files: ReadonlyArray<File>
): Promise<{ readonly mentions: ReadonlyArray<string>; readonly failures: ReadonlyArray<string> }> => {
  const mentions: Array<string> = []
  const failures: Array<string> = []
  for (const file of files) {
    try {
      mentions.push(fileMention(await uploadFile(file)))
    } catch (error) {
      failures.push(`${file.name}: ${inWords(error)}`)
    }
  }
  return { mentions, failures }
}
