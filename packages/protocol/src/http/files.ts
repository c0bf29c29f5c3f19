/**
 * Queries, bodies and replies of the routes on the workspace's files.
 *
 * Paths are relative to the workspace, or absolute as the jail names them. A file's revision is the viewer's.
 */
import * as Schema from "effect/Schema"
import { maybe } from "../maybe.ts"
import { FlagFromQuery, limitFromQuery, Success } from "./common.ts"
import { Revision } from "./viewer.ts"

/** No path has a NUL, and none is longer than Linux takes. */
export const FilePath = Schema.String.check(Schema.isMaxLength(4096), Schema.isPattern(/^[^\0]*$/))

export const FileEntry = Schema.Struct({
  name: Schema.String,
  path: Schema.String,
  kind: Schema.Literals(["file", "folder", "link", "other"]),
  bytes: Schema.Int,
  modified_at: Schema.String
}).annotate({ identifier: "FileEntry" })
export type FileEntry = typeof FileEntry.Type

export const FilesQuery = Schema.Struct({
  path: Schema.optional(FilePath),
  hidden: Schema.optional(FlagFromQuery)
})

export const FilesReply = Schema.Struct({
  success: Success,
  path: Schema.String,
  entries: Schema.Array(FileEntry),
  /** True when the folder has more than is listed. */
  truncated: Schema.Boolean
})
export type FilesReply = typeof FilesReply.Type

export const FileQuery = Schema.Struct({ path: FilePath })

export const FileReadReply = Schema.Struct({
  success: Success,
  path: Schema.String,
  mime: Schema.String,
  encoding: Schema.Literals(["utf8", "base64"]),
  content: Schema.String,
  bytes: Schema.Int,
  revision: Revision
})
export type FileReadReply = typeof FileReadReply.Type

export const FileWriteBody = Schema.Struct({
  path: FilePath,
  content: Schema.String,
  encoding: maybe(Schema.Literals(["utf8", "base64"])),
  /** The revision that the change is based on; 0 for a file that must not be there yet; absent overwrites. */
  base_rev: maybe(Schema.Int)
}).annotate({ identifier: "FileWriteBody" })
export type FileWriteBody = typeof FileWriteBody.Type

export const FileWriteReply = Schema.Struct({
  success: Success,
  path: Schema.String,
  bytes: Schema.Int,
  revision: Revision
})
export type FileWriteReply = typeof FileWriteReply.Type

/** The write was based on what is no longer there; `latest` is what is, null when there is nothing. */
export const FileConflict = Schema.Struct({
  success: Schema.Literal(false),
  revision: Schema.Null,
  error: Schema.Literal("revision_conflict"),
  latest: Schema.NullOr(
    Schema.Struct({ content: Schema.String, encoding: Schema.Literals(["utf8", "base64"]), revision: Revision })
  )
}).annotate({ identifier: "FileConflict" })
export type FileConflict = typeof FileConflict.Type

export const FolderBody = Schema.Struct({ path: FilePath }).annotate({ identifier: "FolderBody" })
export type FolderBody = typeof FolderBody.Type

export const FileMoveBody = Schema.Struct({
  from: FilePath,
  to: FilePath,
  overwrite: maybe(Schema.Boolean)
}).annotate({ identifier: "FileMoveBody" })
export type FileMoveBody = typeof FileMoveBody.Type

export const FileChangedReply = Schema.Struct({ success: Success, path: Schema.String })
export type FileChangedReply = typeof FileChangedReply.Type

export const TrashEntry = Schema.Struct({
  trash_id: Schema.String,
  path: Schema.String,
  kind: FileEntry.fields.kind,
  bytes: Schema.Int,
  trashed_at: Schema.String,
  /** True when something in the workspace has removed it from the trash: it can't be restored. */
  lost: Schema.Boolean
}).annotate({ identifier: "TrashEntry" })
export type TrashEntry = typeof TrashEntry.Type

export const FileTrashedReply = Schema.Struct({ success: Success, path: Schema.String, trash_id: Schema.String })
export type FileTrashedReply = typeof FileTrashedReply.Type

export const TrashReply = Schema.Struct({ success: Success, entries: Schema.Array(TrashEntry) })
export type TrashReply = typeof TrashReply.Type

export const FileRestoreBody = Schema.Struct({
  trash_id: Schema.String,
  /** Elsewhere than where it was. */
  to: maybe(FilePath)
}).annotate({ identifier: "FileRestoreBody" })
export type FileRestoreBody = typeof FileRestoreBody.Type

export const FileUploadQuery = Schema.Struct({ path: FilePath, overwrite: Schema.optional(FlagFromQuery) })

export const FileSearchQuery = Schema.Struct({
  /** A regular expression over lines, or the plain text itself with `literal`. */
  query: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(1000)),
  /** Where it is looked for; in `names` it is a part of the name itself. `contents` unless given. */
  in: Schema.optional(Schema.Literals(["contents", "names"])),
  path: Schema.optional(FilePath),
  glob: Schema.optional(Schema.String),
  literal: Schema.optional(FlagFromQuery),
  ignore_case: Schema.optional(FlagFromQuery),
  limit: Schema.optional(limitFromQuery(1000))
})
export type FileSearchQuery = typeof FileSearchQuery.Type

export const FileSearchReply = Schema.Struct({
  success: Success,
  matches: Schema.Array(
    Schema.Struct({
      path: Schema.String,
      /** 0 for a name. */
      line: Schema.Int,
      text: Schema.String,
      kind: Schema.optional(FileEntry.fields.kind)
    })
  ),
  truncated: Schema.Boolean
})
export type FileSearchReply = typeof FileSearchReply.Type

/** Bytes of the largest upload, and of the largest text that is saved in one piece. */
export const fileLimits = { upload: 16 * 1024 * 1024, text: 1024 * 1024 } as const

export const fileSentences = {
  notFound: (path: string) => `File not found: ${path}`,
  outside: (path: string) => `Outside of the workspace: ${path}`,
  exists: (path: string) => `There is already something at ${path}`,
  isFolder: (path: string) => `Is a folder: ${path}`,
  notFolder: (path: string) => `Is not a folder: ${path}`,
  trashNotFound: (id: string) => `Not in the trash: ${id}`,
  trashLost: (id: string) => `It is no longer in the trash, since something in the workspace has removed it: ${id}`
} as const
