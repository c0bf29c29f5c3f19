/** Files that are dropped on or pasted into the prompt: they go into the workspace, and are mentioned by their path. */
import { ApiError, inWords } from "../../client/api.ts"
import { fileMention } from "../../prompt/mentions.ts"

const folder = "uploads"
const mostNames = 50

/** Uploads one, under a name that is free; gives its path. */
const upload = async (file: File): Promise<string> => {
  const name = nameOf(file)
  for (let copy = 1; ; copy += 1) {
    const path = `${folder}/${numbered(name, copy)}`
    const response = await fetch(`/files/upload?${new URLSearchParams({ path })}`, {
      method: "POST",
      body: file
    }).catch(() => {
      throw new ApiError(0, "The computer can't be reached")
    })
    if (response.ok) return path
    if (response.status !== 409 || copy >= mostNames) throw new ApiError(response.status, await reasonOf(response))
  }
}

const reasonOf = async (response: Response): Promise<string> => {
  const body: unknown = await response.json().catch(() => null)
  return typeof body === "object" && body !== null && "error" in body && typeof body.error === "string"
    ? body.error
    : `The computer answered ${response.status}`
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

/** Uploads all; gives the mentions of those that arrived, and why the others did not. */
export const uploadAll = async (
  files: ReadonlyArray<File>
): Promise<{ readonly mentions: ReadonlyArray<string>; readonly failures: ReadonlyArray<string> }> => {
  const mentions: Array<string> = []
  const failures: Array<string> = []
  for (const file of files) {
    try {
      mentions.push(fileMention(await upload(file)))
    } catch (error) {
      failures.push(`${file.name}: ${inWords(error)}`)
    }
  }
  return { mentions, failures }
}
