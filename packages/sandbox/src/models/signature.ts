/**
 * What Gemini wants back with a tool call, by the name of the provider that reads it; as a string, so that it can be stored.
 *
 * Other metadata is not kept: OpenAI's would refer to items that it doesn't store for us.
 */
import * as Predicate from "effect/Predicate"
import type { SdkMessage } from "./sdk.ts"
import { parseArgs } from "./toolArgs.ts"

type ProviderOptions = NonNullable<SdkMessage["providerOptions"]>

export const encodeSignature = (metadata: ProviderOptions | undefined): string | undefined => {
  for (const [provider, values] of Object.entries(metadata ?? {})) {
    if (Predicate.isString(values.thoughtSignature)) {
      return JSON.stringify({ [provider]: { thoughtSignature: values.thoughtSignature } })
    }
  }
  return undefined
}

export const decodeSignature = (signature: string): ProviderOptions | undefined => {
  const parsed = parseArgs(signature)
  if (!("value" in parsed)) return undefined
  const options: ProviderOptions = {}
  for (const [provider, values] of Object.entries(parsed.value)) {
    if (Predicate.hasProperty(values, "thoughtSignature") && Predicate.isString(values.thoughtSignature)) {
      options[provider] = { thoughtSignature: values.thoughtSignature }
    }
  }
  return options
}
