import { describe, expect, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { startScriptedModel } from "../../test/scripted-model/ScriptedModel.ts"
import type { ModelError } from "./Model.ts"
import { Models, type ModelsConfig } from "./Models.ts"
import { ollamaAddress } from "./providers.ts"

/** A port that nothing can listen on, so that no Ollama of the machine is found. */
const noOllama = { OLLAMA_HOST: "http://127.0.0.1:1" }

const withModels = <A, E>(config: Partial<ModelsConfig>, use: (models: Models["Service"]) => Effect.Effect<A, E>) =>
  Effect.provide(Effect.flatMap(Models, use), Models.layer({ ...config, env: { ...noOllama, ...config.env } }))

const ask = { system: "", messages: [{ role: "user" as const, text: "Hello" }], tools: [] }
const resolveError = (id: string, config: Partial<ModelsConfig> = {}): Effect.Effect<ModelError> =>
  withModels(config, (models) => Effect.flip(models.resolve(id))).pipe(Effect.orDie)

describe("which model answers", () => {
  it.effect("is the demo unless one was chosen", () =>
    Effect.gen(function* () {
      expect(yield* withModels({}, (models) => models.current)).toBe("demo")
      expect(yield* withModels({ env: { CHOIR_MODEL: "off" } }, (models) => models.current)).toBe("off")
      expect(yield* withModels({ model: "demo", env: { CHOIR_MODEL: "off" } }, (models) => models.current)).toBe("demo")
      expect(yield* withModels({ env: { OPENAI_API_KEY: "k" } }, (models) => models.current)).toBe("demo")
    })
  )

  it.effect("can be changed to one that is usable, and to no other", () =>
    withModels({ env: { OPENAI_API_KEY: "sk-0123456789" } }, (models) =>
      Effect.gen(function* () {
        yield* models.setDefault("openai/gpt-5")
        expect(yield* models.current).toBe("openai/gpt-5")

        const error = yield* Effect.flip(models.setDefault("anthropic/claude"))
        expect(error.kind).toBe("auth")
        expect(yield* models.current).toBe("openai/gpt-5")
      })
    )
  )
})

describe("a name", () => {
  it.effect.each(["nonsense", "openai", "openai/", "/x", "nobody/gpt", "", "__proto__/x"])("that is none: %j", (id) =>
    Effect.gen(function* () {
      const error = yield* resolveError(id, { env: { ANTHROPIC_API_KEY: "k" } })

      expect(error).toMatchObject({ kind: "unknown_model", retryable: false })
      expect(error.message).toMatch(
        `Unknown model: ${id}. Available: demo, anthropic/claude-opus-5-5, anthropic/claude-sonnet-5-5`
      )
      expect(error.message).not.toContain("openai/gpt")
    })
  )

  it.effect("whose key is missing says which", () =>
    Effect.gen(function* () {
      const error = yield* resolveError("bedrock/x")

      expect(error.kind).toBe("auth")
      expect(error.message).toContain("AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
    })
  )

  it.effect("for a server of one's own needs its address", () =>
    Effect.gen(function* () {
      const error = yield* resolveError("openai-compatible/x")

      expect(error.kind).toBe("unknown_model")
      expect(error.message).toContain("CHOIR_MODEL_BASE_URL")
    })
  )

  it.effect("may be an old one, and is switched to without a key; a call then says what is missing", () =>
    withModels({}, (models) =>
      Effect.gen(function* () {
        for (const [id, variable] of [
          ["ClaudeBedrock", "AWS_BEARER_TOKEN_BEDROCK"],
          ["GLM47", "ZAI_API_KEY"]
        ] as const) {
          yield* models.setDefault(id)
          expect(yield* models.current).toBe(id)
          const model = yield* models.resolve(id)
          const error = yield* Effect.flip(Stream.runDrain(model.stream(ask)))
          expect(error.kind).toBe("auth")
          expect(error.message).toContain(variable)
        }
      })
    )
  )

  it.effect("with the provider's other spelling, or more slashes", () =>
    withModels({ baseUrl: "http://127.0.0.1:1/v1", env: { AWS_BEARER_TOKEN_BEDROCK: "k" } }, (models) =>
      Effect.gen(function* () {
        expect((yield* models.resolve("amazon-bedrock/us.x")).id).toBe("bedrock/us.x")
        expect((yield* models.resolve(" openai-compatible/org/name ")).id).toBe("openai-compatible/org/name")
      })
    )
  )

  it.effect("off fails in words", () =>
    withModels({ model: "off" }, (models) =>
      Effect.gen(function* () {
        const model = yield* models.resolve("off")
        expect(yield* Effect.flip(Stream.runDrain(model.stream(ask)))).toMatchObject({ kind: "off", retryable: false })
      })
    )
  )
})

describe("a key", () => {
  it.live("from the secrets is used at the next call, and the environment's goes first", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* startScriptedModel({ default: {} })
        let stored: string | undefined
        const config = {
          env: { OPENAI_BASE_URL: server.url },
          secret: (variable: string) => Effect.sync(() => (variable === "OPENAI_API_KEY" ? stored : undefined))
        }
        const call = (models: Models["Service"]) =>
          Effect.flatMap(models.resolve("openai/x"), (model) => Stream.runDrain(model.stream(ask)))

        yield* withModels(config, (models) =>
          Effect.gen(function* () {
            expect((yield* Effect.flip(call(models))).kind).toBe("auth")
            stored = "sk-first-0123456789"
            yield* call(models)
            stored = "sk-second-0123456789"
            yield* call(models)
          })
        )
        yield* withModels({ ...config, env: { ...config.env, OPENAI_API_KEY: "sk-env-0123456789" } }, call)

        expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
          "Bearer sk-first-0123456789",
          "Bearer sk-second-0123456789",
          "Bearer sk-env-0123456789"
        ])
      })
    )
  )

  it.live("of a provider never goes to an address of one's own", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* startScriptedModel({ default: {} })
        yield* withModels({ baseUrl: server.url, env: { OPENAI_API_KEY: "sk-vendor-0123456789" } }, (models) =>
          Effect.gen(function* () {
            for (const id of ["openai/x", "openai-compatible/x"]) {
              yield* Stream.runDrain((yield* models.resolve(id)).stream(ask))
            }
          })
        )

        expect(JSON.stringify(server.requests.map(({ headers }) => headers))).not.toContain("vendor")
        expect(server.requests).toHaveLength(2)
      })
    )
  )

  it.effect("given without an address belongs to the chosen model's provider alone", () =>
    withModels({ model: "anthropic/x", apiKey: "k" }, (models) =>
      Effect.gen(function* () {
        expect((yield* models.resolve("anthropic/y")).id).toBe("anthropic/y")
        expect((yield* Effect.flip(models.resolve("openai/y"))).kind).toBe("auth")
      })
    )
  )
})

describe("the list", () => {
  it.live("says what can be used, why the rest can't, and which is the default", () =>
    withModels({ env: { ANTHROPIC_API_KEY: "k" } }, (models) =>
      Effect.gen(function* () {
        const list = yield* models.list
        const row = (id: string) => list.find((one) => one.id === id)

        expect(row("demo")).toEqual({ id: "demo", provider: "demo", usable: true, reason: null, default: true })
        expect(row("anthropic/claude-opus-5-5")).toMatchObject({ usable: true, reason: null, default: false })
        expect(row("GLM47")).toMatchObject({ provider: "zai", usable: false, reason: "ZAI_API_KEY is not set." })
        expect(list.filter((one) => one.provider === "openai").every((one) => !one.usable)).toBe(true)
        expect(new Set(list.map(({ id }) => id)).size).toBe(list.length)
        expect(list.filter((one) => one.default)).toHaveLength(1)
      })
    )
  )

  it.live("offers what the servers at hand serve", () =>
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* startScriptedModel({})
        const list = yield* withModels(
          { baseUrl: server.url, model: "openai/mine", env: { OLLAMA_HOST: server.url.replace("/v1", "") } },
          (models) => models.list
        )

        expect(list.filter(({ usable }) => usable).map(({ id }) => id)).toEqual([
          "demo",
          "openai-compatible/scripted",
          "ollama/scripted",
          "openai/mine"
        ])
        expect(list.at(-1)).toMatchObject({ id: "openai/mine", default: true })
      })
    )
  )
})

it.each([
  [undefined, "http://127.0.0.1:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["box:8000", "http://box:8000"],
  ["https://models.example.org", "https://models.example.org"],
  ["not an address", "http://127.0.0.1:11434"]
])("Ollama's host %s means %s", (host, address) => {
  expect(ollamaAddress(host)).toBe(address)
})
