/** A model of the product in front of a scripted server: for tests of whatever speaks to a model. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Model, ModelError } from "../../src/models/Model.ts"
import { Models, type ModelsConfig } from "../../src/models/Models.ts"
import type { Script } from "./Script.ts"
import { type ScriptedModel, startScriptedModel } from "./ScriptedModel.ts"

export const scriptedModel = (
  script: Script,
  config: Partial<ModelsConfig> = {},
  id = "openai-compatible/scripted"
): Effect.Effect<{ readonly server: ScriptedModel; readonly model: Model }, ModelError, Scope.Scope> =>
  Effect.gen(function* () {
    const server = yield* startScriptedModel(script)
    const layer = Models.layer({ env: {}, baseUrl: server.url, apiKey: "sk-scripted-0123456789", ...config })
    const model = yield* Effect.provide(
      Effect.flatMap(Models, (models) => models.resolve(id)),
      layer
    )
    return { server, model }
  })
