/** What models there are, which can be used now, and why the rest cannot. */
import * as Schema from "effect/Schema"
import { Success } from "./common.ts"
import { SettingSource } from "./settings.ts"

export const Model = Schema.Struct({
  /** `provider/model`. */
  id: Schema.String,
  provider: Schema.String,
  name: Schema.String,
  usable: Schema.Boolean,
  /** Why it can't be used now, and what to do about it. */
  reason: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Model" })
export type Model = typeof Model.Type

export const ModelsReply = Schema.Struct({
  success: Success,
  /** What answers where nothing else is chosen; null when models are off. */
  default: Schema.NullOr(Schema.String),
  source: SettingSource,
  models: Schema.Array(Model)
})
export type ModelsReply = typeof ModelsReply.Type

/** Null takes the choice back. */
export const ModelChoiceBody = Schema.Struct({ model: Schema.NullOr(Schema.String) }).annotate({
  identifier: "ModelChoiceBody"
})
export type ModelChoiceBody = typeof ModelChoiceBody.Type

export const ModelChoiceReply = Schema.Struct({ success: Success, model: Schema.NullOr(Schema.String) })
export type ModelChoiceReply = typeof ModelChoiceReply.Type
