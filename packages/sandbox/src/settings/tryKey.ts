/** Tries a key with the provider that it is for: the smallest call that there is, and not for long. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { Models } from "../models/Models.ts"
import { providers } from "../models/providers.ts"

export interface Tried {
  readonly ok: boolean
  /** The provider knows the key to be wrong. */
  readonly refused: boolean
  readonly message: string
}

export interface KeyToTry {
  readonly provider: string
  readonly name: string
  readonly value: string
  /** Other variables of the provider, as they are set. */
  readonly lookUp: (variable: string) => string | undefined
}

const within = "10 seconds"

/** Null where there is no way to try it: the provider offers no model, or needs a second key that is not there. */
export const tryKey = ({ lookUp, name, provider: id, value }: KeyToTry): Effect.Effect<Tried | null> => {
  const provider = providers.get(id)
  // The last one that a provider lists is its cheapest.
  const model = provider?.models.at(-1)
  if (provider === undefined || model === undefined) return Effect.succeed(null)
  // Of several ways to be let in, the one that this key belongs to; else another key would be tried in its place.
  const way = provider.variables.find((variables) => variables.includes(name)) ?? provider.variables[0] ?? []
  const env = Object.fromEntries(
    [...way, ...provider.settings].map((variable) => [variable, variable === name ? value : lookUp(variable)])
  )
  if (way.some((variable) => env[variable] === undefined)) return Effect.succeed(null)

  return Effect.gen(function* () {
    const { stream } = yield* (yield* Models).resolve(`${provider.id}/${model}`)
    yield* stream({ system: "", messages: [{ role: "user", text: "Say OK." }], tools: [], maxOutputTokens: 16 }).pipe(
      Stream.take(1),
      Stream.runDrain
    )
    return { ok: true, refused: false, message: `${provider.label} takes the key` }
  }).pipe(
    Effect.catch(({ kind, message }) =>
      Effect.succeed({
        ok: false,
        refused: kind === "auth",
        message: kind === "auth" ? message : `The key could not be tried: ${message}`
      })
    ),
    Effect.timeoutOrElse({
      duration: within,
      orElse: () =>
        Effect.succeed({
          ok: false,
          refused: false,
          message: `The key could not be tried: ${provider.label} did not answer in time`
        })
    }),
    Effect.provide(Models.layer({ env, model: "demo" }))
  )
}
