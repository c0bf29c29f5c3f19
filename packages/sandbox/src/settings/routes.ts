/** Settings, secrets and models over HTTP. No value of a secret ever comes out of here. */
import {
  ModelChoiceBody,
  type ModelChoiceReply,
  type ModelsReply,
  SecretBody,
  type SecretReply,
  type SecretsReply,
  SettingsPatch,
  type SettingsReply
} from "@choiros/protocol"
import * as Effect from "effect/Effect"
import type { ModelError } from "../models/Model.ts"
import { Models } from "../models/Models.ts"
import { fail, type HttpFailure, jsonBody, ok, type RequestContext, type Route, route } from "../server/Route.ts"
import type { JsonFileFailure } from "./JsonFile.ts"
import { ModelChoice } from "./ModelChoice.ts"
import { type SecretFailure, Secrets } from "./Secrets.ts"
import { needsRestart, type SettingFixed, Settings, type SettingsView } from "./Settings.ts"

export const settingsRoutes: Effect.Effect<ReadonlyArray<Route>, never, Settings | Secrets | ModelChoice> = Effect.gen(
  function* () {
    const settings = yield* Settings
    const secrets = yield* Secrets
    const choice = yield* ModelChoice

    const reply = (view: SettingsView) =>
      ok({ success: true, ...view, needs_restart: needsRestart } satisfies SettingsReply)

    const change = Effect.fnUntraced(function* ({ request }: RequestContext) {
      const { model, ...rest } = yield* jsonBody(request, SettingsPatch)
      const address = rest.model_base_url ?? null
      if (address !== null && !/^https?:$/.test(URL.parse(address)?.protocol ?? "")) {
        return yield* fail(422, "model_base_url must be an address that begins with http:// or https://")
      }
      return yield* Effect.gen(function* () {
        // All or nothing: what a flag decides is said before anything is changed.
        if (rest.model_base_url !== undefined) yield* settings.check(["model_base_url"])
        if (model !== undefined) yield* choice.choose(model)
        return reply(yield* settings.change(rest))
      }).pipe(Effect.mapError(inWords))
    })

    const list = Effect.gen(function* () {
      return ok({ success: true, secrets: yield* secrets.list, problem: yield* secrets.problem } satisfies SecretsReply)
    })

    const set = Effect.fnUntraced(function* ({ param, request }: RequestContext) {
      const { test, value } = yield* jsonBody(request, SecretBody)
      const { secret, tested } = yield* secrets
        .set(param("name"), value, { test: test !== false })
        .pipe(Effect.mapError(inWords))
      const told = tested === null ? null : { ok: tested.ok, message: tested.message }
      return ok({ success: true, secret, tested: told } satisfies SecretReply)
    })

    const remove = Effect.fnUntraced(function* ({ param }: RequestContext) {
      yield* secrets.remove(param("name")).pipe(Effect.mapError(inWords))
      return ok({ success: true, message: "Secret removed" })
    })

    return [
      route("GET", "/settings", () => Effect.map(settings.view, reply)),
      route("PATCH", "/settings", change),
      route("GET", "/secrets", () => list),
      route("PUT", "/secrets/:name", set),
      route("DELETE", "/secrets/:name", remove)
    ]
  }
)

export const modelRoutes: Effect.Effect<ReadonlyArray<Route>, never, Models | Settings | ModelChoice> = Effect.gen(
  function* () {
    const models = yield* Models
    const settings = yield* Settings
    const choice = yield* ModelChoice

    const list = Effect.gen(function* () {
      const current = yield* models.current
      const { sources } = yield* settings.view
      const listed = yield* models.list
      return ok({
        success: true,
        default: current === "off" ? null : current,
        source: sources.model,
        models: listed.map(({ id, provider, reason, usable }) => ({
          id,
          provider,
          name: id.startsWith(`${provider}/`) ? id.slice(provider.length + 1) : id,
          usable,
          reason
        }))
      } satisfies ModelsReply)
    })

    const choose = Effect.fnUntraced(function* ({ request }: RequestContext) {
      const { model } = yield* jsonBody(request, ModelChoiceBody)
      return ok({
        success: true,
        model: yield* choice.choose(model).pipe(Effect.mapError(inWords))
      } satisfies ModelChoiceReply)
    })

    return [route("GET", "/models", () => list), route("PUT", "/models/default", choose)]
  }
)

const inWords = (error: ModelError | SettingFixed | JsonFileFailure | SecretFailure): HttpFailure => {
  switch (error._tag) {
    case "ModelError":
      return fail(error.kind === "unconfined" ? 409 : 422, `Invalid model: ${error.message}`)
    case "Settings.Fixed":
      return fail(409, error.message)
    case "JsonFile.Failure":
      return fail(error.reason === "broken" ? 409 : 503, error.message)
    case "Secrets.Failure":
      return fail(error.reason === "unknown" || error.reason === "absent" ? 404 : 422, error.message)
  }
}
