/** Which model would answer, and whether its key is here. Names alone: no value is ever shown. */
import { advised, type Finding, missing, ok } from "./Finding.ts"

type Env = Readonly<Record<string, string | undefined>>

/** Ways to be let in, by provider: with all variables of any one line. */
const keys: Readonly<Record<string, ReadonlyArray<ReadonlyArray<string>>>> = {
  openai: [["OPENAI_API_KEY"]],
  anthropic: [["ANTHROPIC_API_KEY"]],
  google: [["GOOGLE_GENERATIVE_AI_API_KEY"], ["GEMINI_API_KEY"], ["GOOGLE_API_KEY"]],
  bedrock: [["AWS_BEARER_TOKEN_BEDROCK"], ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]],
  zai: [["ZAI_API_KEY"]]
}

export const findModels = (env: Env): ReadonlyArray<Finding> => {
  const isSet = (name: string) => (env[name] ?? "") !== ""
  const found = [...Object.values(keys).flat(2), "CHOIR_MODEL_API_KEY"].filter(isSet)
  const shown = found.length === 0 ? "none in this environment" : found.join(", ")
  return [ok("Keys", shown), findModel(env, isSet)]
}

const findModel = (env: Env, isSet: (name: string) => boolean): Finding => {
  const model = env.CHOIR_MODEL ?? ""
  if (model === "") return ok("Model", "the demo model, unless the settings say otherwise (CHOIR_MODEL chooses)")
  const [provider = ""] = model.split("/")
  const ways = keys[provider]
  if (model === "off") return advised("Model", "turned off by CHOIR_MODEL=off", "unset CHOIR_MODEL")
  if (provider === "openai-compatible" && !isSet("CHOIR_MODEL_BASE_URL")) {
    return missing("Model", `${model} has no address`, "set CHOIR_MODEL_BASE_URL")
  }
  if (ways === undefined || isSet("CHOIR_MODEL_API_KEY") || ways.some((way) => way.every(isSet)))
    return ok("Model", model)
  return advised(
    "Model",
    `${model} has no key in this environment`,
    `set ${ways.map((way) => way.join(" and ")).join(", or ")} (a key that is kept by the server is as good)`
  )
}
