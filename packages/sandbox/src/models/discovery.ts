/** What the configured model server and a local Ollama serve: offered, never used unasked. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ModelListing } from "./Model.ts"
import { ollamaAddress } from "./providers.ts"

const Served = Schema.Struct({ data: Schema.Array(Schema.Struct({ id: Schema.String })) })
const decodeServed = Schema.decodeUnknownEffect(Served)

export interface Servers {
  readonly baseUrl: string | null
  readonly apiKey: string | undefined
  readonly ollamaHost: string | undefined
}

type Row = Omit<ModelListing, "default">

export const findServed = (servers: Servers): Effect.Effect<ReadonlyArray<Row>> => {
  const { apiKey, baseUrl } = servers
  const configured =
    baseUrl === null
      ? Effect.succeed([])
      : ask("openai-compatible", baseUrl, apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` })
  const ollama = ask("ollama", `${ollamaAddress(servers.ollamaHost)}/v1`, {})
  return Effect.map(Effect.all([configured, ollama], { concurrency: 2 }), (found) => found.flat())
}

const ask = (provider: string, baseUrl: string, headers: Record<string, string>): Effect.Effect<ReadonlyArray<Row>> =>
  Effect.tryPromise(async (signal): Promise<unknown> => {
    const response = await fetch(`${baseUrl.replace(/\/+$/, "")}/models`, { signal, headers })
    return await response.json()
  }).pipe(
    Effect.flatMap(decodeServed),
    Effect.map(({ data }) => data.map(({ id }) => ({ id: `${provider}/${id}`, provider, usable: true, reason: null }))),
    Effect.timeout("500 millis"),
    // A server that isn't there, or has no such list, has nothing to offer.
    Effect.orElseSucceed(() => [])
  )
