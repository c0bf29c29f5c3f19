/** The shells that a client may ask for: an allow-list of names, in the places where a system keeps its programs. */
import { existsSync } from "node:fs"
import * as Path from "node:path"

const names = ["bash", "sh", "zsh", "fish"]
const folders = ["/bin", "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"]

/** Names of those that this machine has. */
export const allowedShells = (): ReadonlyArray<string> =>
  names.filter((name) => folders.some((folder) => existsSync(Path.join(folder, name))))

export const defaultShell = (): string => allowedShells()[0] ?? "sh"

/** A shell by its name or its path; null when it is not allowed or not there. */
export const findShell = (asked: string): string | null => {
  if (names.includes(asked)) return allowedShells().includes(asked) ? asked : null
  const known = folders.includes(Path.dirname(asked)) && names.includes(Path.basename(asked))
  return known && existsSync(asked) ? asked : null
}
