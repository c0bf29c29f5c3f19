/** Who and what can be chosen for a conversation, as the computer knows it now. */
import { type Agent, AgentsReply, type Model, ModelsReply } from "@choiros/protocol"
import { useCallback, useEffect, useState } from "react"
import { get, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"

interface Choices {
  readonly agents: ReadonlyArray<Agent>
  readonly models: ReadonlyArray<Model>
  /** What answers where no model is chosen; null: nothing does. */
  readonly defaultModel: string | null
}

let latest: Choices | null = null

export const useChoices = () => {
  const [choices, setChoices] = useState(latest)
  const [problem, setProblem] = useState<string | null>(null)
  const read = useCallback((signal?: AbortSignal) => {
    setProblem(null)
    Promise.all([get("/agents", AgentsReply, {}, signal), get("/models", ModelsReply, {}, signal)]).then(
      ([{ agents }, models]) => {
        latest = { agents, models: models.models, defaultModel: models.default }
        setChoices(latest)
      },
      (error: unknown) => {
        if (signal?.aborted !== true) setProblem(inWords(error))
      }
    )
  }, [])
  useEffect(() => {
    const abort = new AbortController()
    read(abort.signal)
    const stop = onLive(() => read(abort.signal))
    return () => {
      stop()
      abort.abort()
    }
  }, [read])
  return { choices, problem, retry: () => read() }
}

/** For a list to choose from: what can't be used now says so, and is not to be chosen. */
export const modelOptions = ({ defaultModel, models }: Choices, chosen: string | null) => [
  {
    value: "",
    label: defaultModel === null ? "No model is in use" : `Default (${nameOfModel(models, defaultModel)})`
  },
  ...models
    .filter(({ id, usable }) => usable || id === chosen)
    .map(({ id, name, usable }) => ({
      value: id,
      label: usable ? name : `${name} (not usable now)`,
      disabled: !usable
    })),
  ...(chosen !== null && chosen !== "" && !models.some(({ id }) => id === chosen)
    ? [{ value: chosen, label: chosen, disabled: true }]
    : [])
]

const nameOfModel = (models: ReadonlyArray<Model>, id: string): string =>
  models.find((model) => model.id === id)?.name ?? id
