/** Small files of CHOIR_HOME that are for its owner alone: read whole, and replaced whole or not at all. */
import { randomUUID } from "node:crypto"
import * as Fs from "node:fs/promises"
import * as Path from "node:path"

/** Null when it is not there. One that others may read is closed to them. */
export const readPrivate = async (file: string): Promise<string | null> => {
  try {
    const handle = await Fs.open(file, "r")
    try {
      const { mode } = await handle.stat()
      if ((mode & 0o077) !== 0) await handle.chmod(0o600)
      return await handle.readFile("utf8")
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null
    throw error
  }
}

export const writePrivate = async (file: string, text: string): Promise<void> => {
  const folder = Path.dirname(file)
  const draft = Path.join(folder, `.${Path.basename(file)}.${randomUUID()}`)
  try {
    const handle = await Fs.open(draft, "wx", 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await Fs.rename(draft, file)
  } catch (error) {
    await Fs.rm(draft, { force: true })
    throw error
  }
  const handle = await Fs.open(folder, "r")
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
