/** Settings, typed and with the source of each value; and secrets, which can be written and never read. */
import * as Schema from "effect/Schema"
import { maybe } from "../maybe.ts"
import { Success } from "./common.ts"

/** Where a value comes from. What stands first wins. */
export const SettingSource = Schema.Literals(["flag", "environment", "setting", "default"])
export type SettingSource = typeof SettingSource.Type

/** What can be set. Every key is optional in the file; what is absent has its default. */
export const Settings = Schema.Struct({
  /** `provider/model`, or `off`. Null: the demo model. */
  model: Schema.NullOr(Schema.String),
  /** The address of a server that speaks the OpenAI protocol. */
  model_base_url: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Settings" })
export type Settings = typeof Settings.Type

export const defaultSettings: Settings = { model: null, model_base_url: null }

const fields = Settings.fields

/** The file of settings, and what a client changes: the named keys alone. Null brings a key's default back. */
export const SettingsPatch = Schema.Struct({
  model: maybe(fields.model),
  model_base_url: maybe(fields.model_base_url)
}).annotate({ identifier: "SettingsPatch" })
export type SettingsPatch = typeof SettingsPatch.Type

export const SettingKey = Schema.Literals(["model", "model_base_url"])
export type SettingKey = typeof SettingKey.Type

export const SettingsReply = Schema.Struct({
  success: Success,
  values: Settings,
  sources: Schema.Record(SettingKey, SettingSource),
  /** Keys whose change is felt only after the next start. */
  needs_restart: Schema.Array(SettingKey),
  /** What is wrong with the file of settings, which is then left as it is; null: nothing. */
  problem: Schema.NullOr(Schema.String)
})
export type SettingsReply = typeof SettingsReply.Type

/** The name of a secret is that of the provider's variable. */
export const SecretName = Schema.String.check(Schema.isPattern(/^[A-Z][A-Z0-9_]{0,127}$/))

export const Secret = Schema.Struct({
  name: SecretName,
  provider: Schema.NullOr(Schema.String),
  present: Schema.Boolean,
  /** Where the one that is used comes from. */
  source: Schema.NullOr(Schema.Literals(["environment", "stored"])),
  updated_at: Schema.NullOr(Schema.String)
}).annotate({ identifier: "Secret" })
export type Secret = typeof Secret.Type

export const SecretsReply = Schema.Struct({
  success: Success,
  secrets: Schema.Array(Secret),
  /** What is wrong with the file of secrets, which is then left as it is; null: nothing. */
  problem: Schema.NullOr(Schema.String)
})
export type SecretsReply = typeof SecretsReply.Type

export const SecretBody = Schema.Struct({
  value: Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(16_384)),
  /** False stores it untried. */
  test: maybe(Schema.Boolean)
}).annotate({ identifier: "SecretBody" })
export type SecretBody = typeof SecretBody.Type

/** `tested` is null where there is no way to try it. A key that its provider refuses is not stored. */
export const SecretReply = Schema.Struct({
  success: Success,
  secret: Secret,
  tested: Schema.NullOr(Schema.Struct({ ok: Schema.Boolean, message: Schema.String }))
})
export type SecretReply = typeof SecretReply.Type
