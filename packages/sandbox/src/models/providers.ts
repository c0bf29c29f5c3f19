/**
 * The providers that ChoirOS brings, each with the variables that hold its key and the way to open one of its models.
 *
 * Their packages are loaded at the first call: together they cost a tenth of a second and 30 MB.
 */
import type { SdkModel } from "./sdk.ts"

/** What a provider's package is opened with. `values` holds what `variables` and `settings` name, as far as it is known. */
export interface ProviderAccess {
  readonly values: Readonly<Record<string, string>>
  readonly baseUrl: string | null
  readonly fetch: typeof globalThis.fetch
}

export interface Provider {
  readonly id: string
  /** For people. */
  readonly label: string
  /** Ways to be let in: with all variables of any one line. No line: no key is needed. */
  readonly variables: ReadonlyArray<ReadonlyArray<string>>
  /** Further variables that are read. */
  readonly settings: ReadonlyArray<string>
  /** Names to offer; any other that the provider knows works as well. */
  readonly models: ReadonlyArray<string>
  readonly open: (name: string, access: ProviderAccess) => Promise<SdkModel>
}

const openai: Provider = {
  id: "openai",
  label: "OpenAI",
  variables: [["OPENAI_API_KEY"]],
  settings: ["OPENAI_BASE_URL"],
  models: ["gpt-6.1-sol", "gpt-6-luna", "gpt-5.4-mini"],
  open: async (name, access) => {
    const { createOpenAI } = await import("@ai-sdk/openai")
    // An address of the user's own speaks chat completions; OpenAI itself speaks its newer protocol best.
    const own = access.baseUrl ?? access.values.OPENAI_BASE_URL ?? null
    const provider = createOpenAI({
      apiKey: access.values.OPENAI_API_KEY ?? "none",
      baseURL: own ?? "https://api.openai.com/v1",
      fetch: access.fetch
    })
    return own === null ? withoutStore(provider.responses(name)) : provider.chat(name)
  }
}

/** OpenAI keeps answers for 30 days unless told not to; the log is ours. */
const withoutStore = (model: SdkModel): SdkModel => ({
  doStream: (options) => model.doStream({ ...options, providerOptions: { openai: { store: false } } })
})

const anthropic: Provider = {
  id: "anthropic",
  label: "Anthropic",
  variables: [["ANTHROPIC_API_KEY"]],
  settings: ["ANTHROPIC_BASE_URL"],
  models: ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"],
  open: async (name, access) => {
    const { createAnthropic } = await import("@ai-sdk/anthropic")
    return createAnthropic({
      apiKey: access.values.ANTHROPIC_API_KEY ?? "",
      ...(access.values.ANTHROPIC_BASE_URL === undefined ? {} : { baseURL: access.values.ANTHROPIC_BASE_URL }),
      fetch: access.fetch
    }).languageModel(name)
  }
}

const google: Provider = {
  id: "google",
  label: "Google",
  variables: [["GOOGLE_GENERATIVE_AI_API_KEY"], ["GEMINI_API_KEY"], ["GOOGLE_API_KEY"]],
  settings: [],
  models: ["gemini-pro-latest", "gemini-flash-latest"],
  open: async (name, access) => {
    const { createGoogle } = await import("@ai-sdk/google")
    const { GOOGLE_GENERATIVE_AI_API_KEY, GEMINI_API_KEY, GOOGLE_API_KEY } = access.values
    return createGoogle({
      apiKey: GOOGLE_GENERATIVE_AI_API_KEY ?? GEMINI_API_KEY ?? GOOGLE_API_KEY ?? "",
      fetch: access.fetch
    }).languageModel(name)
  }
}

const bedrock: Provider = {
  id: "bedrock",
  label: "Amazon Bedrock",
  variables: [["AWS_BEARER_TOKEN_BEDROCK"], ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
  settings: ["AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"],
  models: ["us.anthropic.claude-opus-5-5", "us.anthropic.claude-sonnet-5-5"],
  open: async (name, access) => {
    const { createAmazonBedrock } = await import("@ai-sdk/amazon-bedrock")
    const { values } = access
    return createAmazonBedrock({
      region: values.AWS_REGION ?? values.AWS_DEFAULT_REGION ?? "us-east-1",
      // Empty and not absent: absent would have the package look into the process's environment.
      apiKey: values.AWS_BEARER_TOKEN_BEDROCK ?? "",
      accessKeyId: values.AWS_ACCESS_KEY_ID ?? "",
      secretAccessKey: values.AWS_SECRET_ACCESS_KEY ?? "",
      ...(values.AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: values.AWS_SESSION_TOKEN }),
      fetch: access.fetch
    }).languageModel(name)
  }
}

const zai: Provider = {
  id: "zai",
  label: "Z.ai",
  variables: [["ZAI_API_KEY"]],
  settings: [],
  models: ["glm-4.7"],
  open: (name, access) =>
    openCompatible(name, "zai", "https://api.z.ai/api/paas/v4", access.values.ZAI_API_KEY, access.fetch)
}

const ollama: Provider = {
  id: "ollama",
  label: "Ollama",
  variables: [],
  settings: ["OLLAMA_HOST"],
  models: [],
  open: (name, access) =>
    openCompatible(name, "ollama", `${ollamaAddress(access.values.OLLAMA_HOST)}/v1`, undefined, access.fetch)
}

/** `OLLAMA_HOST` as Ollama itself reads it: a host, with or without scheme and port, and often the one to listen on. */
export const ollamaAddress = (host: string | undefined): string => {
  const given = host === undefined || host === "" ? "127.0.0.1:11434" : host
  const url = URL.parse(given.includes("://") ? given : `http://${given}`)
  if (url === null) return "http://127.0.0.1:11434"
  const name = url.hostname === "0.0.0.0" ? "127.0.0.1" : url.hostname
  const port = url.port === "" && !given.includes("://") ? "11434" : url.port
  return `${url.protocol}//${name}${port === "" ? "" : `:${port}`}`
}

const compatible: Provider = {
  id: "openai-compatible",
  label: "The model server",
  variables: [],
  settings: [],
  models: [],
  open: (name, access) =>
    openCompatible(name, "openai-compatible", access.baseUrl ?? "", access.values.CHOIR_MODEL_API_KEY, access.fetch)
}

const openCompatible = async (
  name: string,
  provider: string,
  baseURL: string,
  apiKey: string | undefined,
  fetch: typeof globalThis.fetch
): Promise<SdkModel> => {
  const { createOpenAICompatible } = await import("@ai-sdk/openai-compatible")
  return createOpenAICompatible({
    name: provider,
    baseURL,
    includeUsage: true,
    ...(apiKey === undefined ? {} : { apiKey }),
    fetch
  }).chatModel(name)
}

export const providers: ReadonlyMap<string, Provider> = new Map(
  [openai, anthropic, google, bedrock, zai, ollama, compatible].map((provider) => [provider.id, provider])
)
