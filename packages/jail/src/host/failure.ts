/** What an operation answers instead of a value; anything else that is thrown is a defect and becomes `io`. */
import { statSync } from "node:fs"
import type { Failure, FailureCode } from "../messages.ts"

export class HostFailure extends Error {
  override readonly name = "HostFailure"
  readonly code: FailureCode
  readonly latest: Failure["latest"]
  readonly payload: Uint8Array | undefined

  constructor(code: FailureCode, message: string, conflict?: { latest: Failure["latest"]; payload?: Uint8Array }) {
    super(message)
    this.code = code
    this.latest = conflict?.latest
    this.payload = conflict?.payload
  }
}

const codes: ReadonlyMap<string, FailureCode> = new Map([
  ["ENOENT", "not_found"],
  ["EEXIST", "exists"],
  ["EISDIR", "is_directory"],
  ["ENOTDIR", "not_directory"],
  ["ENOTEMPTY", "not_empty"],
  ["EACCES", "denied"],
  ["EPERM", "denied"],
  ["EROFS", "denied"],
  ["ENXIO", "not_file"],
  ["ELOOP", "outside"],
  ["ENAMETOOLONG", "invalid"],
  ["EINVAL", "invalid"],
  ["EXDEV", "outside"],
  ["ENOSPC", "no_space"],
  ["EDQUOT", "no_space"],
  ["EFBIG", "too_large"]
])

const words: Partial<Record<FailureCode, string>> = {
  not_found: "There is no such file or folder",
  exists: "It exists already",
  is_directory: "It is a folder",
  not_directory: "It is not a folder",
  not_empty: "The folder is not empty",
  denied: "Permission denied",
  not_file: "It is not a regular file",
  outside: "It leads out of the workspace",
  invalid: "The name is not valid",
  no_space: "There is no space left",
  too_large: "It is too large"
}

/** Else a program that doesn't start there is said to be missing itself. */
export const requireFolder = (cwd: string): void => {
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new HostFailure("spawn", `There is no folder ${cwd} to start in.`)
  }
}

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined

/** A failure in words about `subject`; what is one already passes through. */
export const asFailure = (error: unknown, subject: string): HostFailure => {
  if (error instanceof HostFailure) return error
  const code = codes.get(errnoOf(error) ?? "") ?? "io"
  const reason = words[code] ?? (error instanceof Error ? error.message : String(error))
  return new HostFailure(code, `${reason}: ${subject}`)
}
