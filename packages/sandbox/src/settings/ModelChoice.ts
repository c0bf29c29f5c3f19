/**
 * The model that answers where none is named: chosen, checked and kept.
 *
 * Law: nothing is chosen that can't be used now.
 */
import { Jail } from "@choiros/jail"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Config } from "../Config.ts"
import type { ModelError } from "../models/Model.ts"
import { Models } from "../models/Models.ts"
import type { JsonFileFailure } from "./JsonFile.ts"
import { Secrets } from "./Secrets.ts"
import { type SettingFixed, Settings } from "./Settings.ts"

/** What answers when nothing was chosen. */
const unchosen = "demo"

export class ModelChoice extends Context.Service<
  ModelChoice,
  {
    /** Makes it the default, now and after a restart. Null takes the choice back. */
    readonly choose: (id: string | null) => Effect.Effect<string, ModelError | SettingFixed | JsonFileFailure>
  }
>()("choiros/sandbox/settings/ModelChoice") {
  static readonly layer: Layer.Layer<ModelChoice, never, Models | Settings> = Layer.effect(
    ModelChoice,
    Effect.gen(function* () {
      const models = yield* Models
      const settings = yield* Settings
      return {
        choose: Effect.fnUntraced(function* (given) {
          yield* settings.check(["model"])
          const { id } = yield* models.resolve(given ?? unchosen)
          yield* settings.change({ model: given === null ? null : id })
          yield* models.setDefault(id)
          return id
        })
      }
    })
  )
}

/** The models, with what the settings, the stored keys and the jail say. */
export const modelsFromSettings = (
  config: Pick<Config, "env" | "jail" | "modelApiKey">
): Layer.Layer<Models, never, Settings | Secrets | Jail> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { values } = yield* (yield* Settings).view
      const { lookup } = yield* Secrets
      const { status } = yield* Jail
      return Models.layer({
        env: config.env,
        secret: lookup,
        ...(status.active || config.jail === "none" ? {} : { unconfined: status.reason ?? "it did not start" }),
        ...(values.model === null ? {} : { model: values.model }),
        ...(values.model_base_url === null ? {} : { baseUrl: values.model_base_url }),
        ...(config.modelApiKey === null ? {} : { apiKey: config.modelApiKey })
      })
    })
  )
