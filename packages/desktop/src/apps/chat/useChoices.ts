/** Who and what can be chosen for a conversation, as the computer knows it now. */
import { type Agent, AgentsReply, type Model, ModelsReply } from "@choiros/protocol"
import { useEffect } from "react"
import { useStore } from "zustand"
import { createStore } from "zustand/vanilla"
import { get, inWords } from "../../client/api.ts"
import { onLive } from "../../client/Connection.ts"
import { askedOnce } from "../../state/once.ts"

interface Choices {
  readonly agents: ReadonlyArray<Agent>
  readonly models: ReadonlyArray<Model>
  /** What answers where no model is chosen; null: nothing does. */
  readonly defaultModel: string | null
}

const choicesStore = createStore<{
  /** As they were last told. */
  readonly choices: Choices | null
  /** Why they could not be read, when that was the last that was tried. */
  readonly problem: string | null
}>(() => ({ choices: null, problem: null }))

const once = askedOnce<void>()

/** Every window that asks while the answer is on its way has the same. */
const read = (): Promise<void> =>
  once([], async () => {
    try {
      const [{ agents }, { default: defaultModel, models }] = await Promise.all([
        get("/agents", AgentsReply),
        get("/models", ModelsReply)
      ])
      choicesStore.setState({ choices: { agents, models, defaultModel }, problem: null })
    } catch (error) {
      choicesStore.setState({ problem: inWords(error) })
    }
  })

const retry = (): void => {
  choicesStore.setState({ problem: null })
  void read()
}

/** What was asked before the page was live may have gone nowhere. */
const readLive = async (): Promise<void> => {
  await read()
  if (choicesStore.getState().problem !== null) retry()
}

export const useChoices = () => {
  const { choices, problem } = useStore(choicesStore)
  useEffect(() => {
    retry()
    return onLive(() => void readLive())
  }, [])
  return { choices, problem, retry }
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
