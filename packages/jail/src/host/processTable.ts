/** Who lives, by session, process group or mark, read from /proc. */
import { readdirSync, readFileSync } from "node:fs"

interface Living {
  readonly pid: number
  readonly group: number
  readonly session: number
}

const onLinux = process.platform === "linux"

/** Every process that is neither dead nor a zombie. Empty where there is no /proc. */
const living = (): ReadonlyArray<Living> => {
  if (!onLinux) return []
  const found: Array<Living> = []
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    const stat = readQuietly(`/proc/${name}/stat`)
    // The command's name, in parentheses, may hold anything, also spaces and parentheses.
    const [state, , group, session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    if (state === undefined || state === "Z" || state === "X") continue
    found.push({ pid: Number(name), group: Number(group), session: Number(session) })
  }
  return found
}

export const membersOfSession = (session: number): ReadonlyArray<number> =>
  living()
    .filter((entry) => entry.session === session)
    .map((entry) => entry.pid)

export const groupIsAlive = (group: number): boolean => {
  if (!signalQuietly(-group, 0)) return false
  // A signal also reaches a zombie that nobody has waited for.
  return !onLinux || living().some((entry) => entry.group === group)
}

/** Processes other than this one that carry `mark` in the environment they were started with. */
export const membersOfMark = (mark: string): ReadonlyArray<number> =>
  living()
    .map((entry) => entry.pid)
    .filter((pid) => pid !== process.pid && `\0${readQuietly(`/proc/${pid}/environ`)}`.includes(`\0${mark}\0`))

/** Whether someone was there to be signalled. */
export const signalQuietly = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

const readQuietly = (path: string): string => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return ""
  }
}
