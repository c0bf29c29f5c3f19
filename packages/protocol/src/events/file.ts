/** Changes to files of the workspace, and saves through the viewer. Paths are those inside the jail. */
import * as Schema from "effect/Schema"
import { define } from "../Event.ts"

export const fileEvents = [
  define(
    "file.written",
    Schema.Struct({
      path: Schema.String,
      hash: Schema.String,
      /** Null for a file that was not there. */
      before_hash: Schema.NullOr(Schema.String),
      bytes: Schema.Int,
      by: Schema.String,
      call_id: Schema.optional(Schema.String)
    })
  ),
  define("file.moved", Schema.Struct({ from: Schema.String, to: Schema.String, by: Schema.optional(Schema.String) })),
  define(
    "file.trashed",
    Schema.Struct({ path: Schema.String, trash_id: Schema.String, by: Schema.optional(Schema.String) })
  ),
  define(
    "file.restored",
    Schema.Struct({ path: Schema.String, trash_id: Schema.String, by: Schema.optional(Schema.String) })
  )
] as const

export const viewerEvents = [
  define(
    "viewer.content_saved",
    Schema.Struct({
      uri: Schema.String,
      rev: Schema.Int,
      hash: Schema.String,
      before_hash: Schema.NullOr(Schema.String),
      bytes: Schema.Int,
      window_id: Schema.optional(Schema.NullOr(Schema.String))
    })
  ),
  define(
    "viewer.content_conflict",
    Schema.Struct({
      uri: Schema.String,
      base_rev: Schema.Int,
      rev: Schema.Int,
      window_id: Schema.optional(Schema.NullOr(Schema.String))
    })
  )
] as const
