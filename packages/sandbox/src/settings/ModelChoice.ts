/**
 * The model that answers where none is named: chosen, checked and kept.
 *
 * Law: nothing is chosen that can't be used now, and no real model without a jail around what it does, unless the owner
 * of the machine has said so at the start.
 */
import { Jail } from "@choiros/jail"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { Config } from "../Config.ts"
import type { ModelError } from "../models/Model.ts"
import { Models } from "../models/Models.ts"
import type { JsonFileFailure } from "./JsonFile.ts"
import { Secrets } from "./Secrets.ts"
import { type SettingFixed, Settings } from "./Settings.ts"

/** There is no jail for what this model would run. */
export class Unconfined extends Schema.TaggedError<Unconfined>()("ModelChoice.Unconfined", {
  message: Schema.String
}) {}

/** What answers when nothing was chosen. */
const unchosen = "demo"

export class ModelChoice extends Context.Service<
  ModelChoice,
  {
    /** Whether a model may be used here and now. Gives its full name. */
    readonly check: (id: string) => Effect.Effect<string, ModelError | Unconfined>
    /** Makes it the default, now and after a restart. Null takes the choice back. */
    readonly choose: (
      id: string | null
    ) => Effect.Effect<string, ModelError | Unconfined | SettingFixed | JsonFileFailure>
  }
>()("choiros/sandbox/settings/ModelChoice") {
  static readonly layer = (config: Pick<Config, "jail">): Layer.Layer<ModelChoice, never, Models | Settings | Jail> =>
    Layer.effect(
      ModelChoice,
      Effect.gen(function* () {
        const models = yield* Models
        const settings = yield* Settings
        const { status } = yield* Jail

        const check = Effect.fnUntraced(function* (given: string) {
          const { id } = yield* models.resolve(given)
          const harmless = id === "demo" || id === "off"
          if (harmless || status.active || config.jail === "none") return id
          return yield* new Unconfined({
            message: `There is no jail around what ${id} would run, and it needs one: ${(status.reason ?? "unknown").replace(/\.$/, "")}. Mend that, or start with CHOIR_JAIL=none to go without.`
          })
        })

        return {
          check,
          choose: Effect.fnUntraced(function* (given) {
            yield* settings.check(["model"])
            const id = yield* check(given ?? unchosen)
            yield* settings.change({ model: given === null ? null : id })
            yield* models.setDefault(id)
            return id
          })
        }
      })
    )
}

/** The models, with what the settings and the stored keys say. */
export const modelsFromSettings = (
  config: Pick<Config, "env" | "modelApiKey">
): Layer.Layer<Models, never, Settings | Secrets> =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { values } = yield* (yield* Settings).view
      const { lookup } = yield* Secrets
      return Models.layer({
        env: config.env,
        secret: lookup,
        ...(values.model === null ? {} : { model: values.model }),
        ...(values.model_base_url === null ? {} : { baseUrl: values.model_base_url }),
        ...(config.modelApiKey === null ? {} : { apiKey: config.modelApiKey })
      })
    })
  )
