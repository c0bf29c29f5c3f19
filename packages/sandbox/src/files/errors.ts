/** What can go wrong with a file, beside what the jail says of it. */
import type { AppendError } from "@choiros/event-log"
import { FileFailure, type JailLost, type JailUnavailable } from "@choiros/jail"
import { Revision } from "@choiros/protocol"
import * as Schema from "effect/Schema"

export type FileError = FileFailure | JailLost | JailUnavailable

/** Something else is there than what the save was made for; null: nothing is. */
export class FileChanged extends Schema.TaggedError<FileChanged>()("Files.Changed", {
  path: Schema.String,
  latest: Schema.NullOr(
    Schema.Struct({ path: Schema.String, bytes: Schema.Uint8Array, size: Schema.Int, revision: Revision })
  )
}) {
  override get message(): string {
    return this.latest === null ? `The file is gone: ${this.path}` : `The file has changed: ${this.path}`
  }
}

/** The file was changed, and the log could not take the event of it. */
export class NotRecorded extends Schema.TaggedError<NotRecorded>()("Files.NotRecorded", {
  path: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `${this.path} was changed, but the log could not record it: ${this.reason}`
  }
}

export class NotInTrash extends Schema.TaggedError<NotInTrash>()("Files.NotInTrash", {
  trash_id: Schema.String,
  /** True when it was there, and something in the workspace has removed it. */
  lost: Schema.Boolean
}) {}

export const isMissing = (error: { readonly _tag: string }): boolean =>
  error instanceof FileFailure && error.reason === "not_found"

export const notRecorded = (path: string, error: AppendError): NotRecorded =>
  new NotRecorded({ path, reason: error.message })
