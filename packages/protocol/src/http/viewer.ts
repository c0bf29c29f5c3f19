/** Bodies and error codes of the viewer routes, and of preferences. */
import * as Schema from "effect/Schema"
import { Theme } from "../events/user.ts"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

export const Revision = Schema.Struct({ rev: Schema.Int, updated_at: Schema.String }).annotate({
  identifier: "Revision"
})
export type Revision = typeof Revision.Type

export const ViewerQuery = Schema.Struct({ uri: Schema.String })

export const ViewerReply = Schema.Struct({
  success: Success,
  uri: Schema.String,
  mime: Schema.String,
  /** Text as it is; an image as a `data:` URI. */
  content: Schema.String,
  revision: Revision,
  readonly: Schema.Boolean
})
export type ViewerReply = typeof ViewerReply.Type

export const ViewerSaveBody = Schema.Struct({
  uri: Schema.String,
  base_rev: Schema.Int,
  content: Schema.String,
  window_id: maybe(Schema.String),
  user_id: maybe(Schema.String)
}).annotate({ identifier: "ViewerSaveBody" })
export type ViewerSaveBody = typeof ViewerSaveBody.Type

export const ViewerSaveReply = Schema.Struct({ success: Success, revision: Revision })
export type ViewerSaveReply = typeof ViewerSaveReply.Type

/** The save was based on what is no longer there; `latest` is what is. */
export const ViewerConflict = Schema.Struct({
  success: Schema.Literal(false),
  revision: Schema.Null,
  error: Schema.Literal("revision_conflict"),
  latest: Schema.Struct({ content: Schema.String, revision: Revision })
}).annotate({ identifier: "ViewerConflict" })
export type ViewerConflict = typeof ViewerConflict.Type

export const viewerErrors = {
  notFound: "resource_not_found",
  conflict: "revision_conflict",
  readonly: "readonly_resource",
  outside: "The uri is outside of the workspace",
  notAFile: "Only file:// uris can be viewed"
} as const

export const PreferencesReply = Schema.Struct({ success: Success, theme: Theme })
export type PreferencesReply = typeof PreferencesReply.Type

/** A wrong theme is answered with a sentence of its own (400), and not as a wrong shape. */
export const PreferencesBody = Schema.Struct({ theme: Theme }).annotate({ identifier: "PreferencesBody" })
export type PreferencesBody = typeof PreferencesBody.Type

export const themeSentence = "theme must be 'light' or 'dark'"
