/** Models by provider: those that can be used, and the rest by why they can't. */
import type { Model } from "@choiros/protocol"

interface ProviderModels {
  readonly provider: string
  readonly models: ReadonlyArray<Model>
}

interface UnusableModels extends ProviderModels {
  readonly reason: string
}

export const byProvider = (
  models: ReadonlyArray<Model>,
  search: string
): { readonly usable: ReadonlyArray<ProviderModels>; readonly unusable: ReadonlyArray<UnusableModels> } => {
  const words = search
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
  const found = models.filter(({ id }) => words.every((word) => id.toLowerCase().includes(word)))
  return {
    usable: grouped(
      found.filter(({ usable }) => usable),
      ({ provider }) => provider
    ).map((group) => ({ provider: group[0].provider, models: group })),
    unusable: grouped(
      found.filter(({ usable }) => !usable),
      ({ provider, reason }) => `${provider} ${reason}`
    ).map((group) => ({
      provider: group[0].provider,
      reason: group[0].reason ?? "It can't be used now.",
      models: group
    }))
  }
}

const grouped = (
  models: ReadonlyArray<Model>,
  keyOf: (model: Model) => string
): ReadonlyArray<readonly [Model, ...ReadonlyArray<Model>]> => {
  const groups = new Map<string, readonly [Model, ...ReadonlyArray<Model>]>()
  for (const model of models) {
    const key = keyOf(model)
    const before = groups.get(key)
    groups.set(key, before === undefined ? [model] : [...before, model])
  }
  return [...groups.values()]
}
