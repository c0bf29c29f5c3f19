/** What is typed, who answers, and what was sent before: of this screen alone. */
import { AgentsReply, ModelsReply } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { get } from "../../client/api.ts"
import type { Way } from "../../prompt/describe.ts"
import { remembered, standing, type Walk } from "../../prompt/history.ts"
import { onEvents } from "../../state/listeners.ts"

const keys = {
  history: "choiros.prompt.history",
  agent: "choiros.prompt.agent",
  model: "choiros.prompt.model"
} as const

interface PromptStore {
  readonly text: string
  /** Why the last line was not sent; null: it was, or it is being written anew. */
  readonly problem: string | null
  readonly way: Way
  readonly history: ReadonlyArray<string>
  readonly walk: Walk
  /** Who answers new runs. */
  readonly agent: string
  /** Null: what the agent, or the computer, chooses. */
  readonly model: string | null
  readonly agents: ReadonlyArray<{ readonly name: string; readonly description: string }>
  readonly models: ReadonlyArray<string>
}

const stored = (key: string): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const store = (key: string, value: string | null): void => {
  try {
    if (value === null) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // Without storage it lasts as long as the page.
  }
}

const storedHistory = (): ReadonlyArray<string> => {
  try {
    const value: unknown = JSON.parse(stored(keys.history) ?? "[]")
    return Array.isArray(value) ? value.filter((line): line is string => typeof line === "string") : []
  } catch {
    return []
  }
}

export const promptStore = createStore<PromptStore>(() => ({
  text: "",
  problem: null,
  way: "steer",
  history: storedHistory(),
  walk: standing,
  agent: stored(keys.agent) ?? "chat",
  model: stored(keys.model),
  agents: [],
  models: []
}))

export const setText = (text: string): void => promptStore.setState({ text, problem: null, walk: standing })

export const setWay = (way: Way): void => promptStore.setState({ way })

export const setAgent = (agent: string): void => {
  promptStore.setState({ agent })
  store(keys.agent, agent)
}

export const setModel = (model: string | null): void => {
  promptStore.setState({ model })
  store(keys.model, model)
}

export const remember = (text: string): void => {
  const history = remembered(promptStore.getState().history, text)
  promptStore.setState({ history, walk: standing })
  store(keys.history, JSON.stringify(history))
}

/** Puts back what could not be sent, unless something else is being written by now. */
export const putBack = (text: string, problem: string): void =>
  promptStore.setState((before) => ({ text: before.text.trim() === "" ? text : before.text, problem }))

let known = false

/** Who there is, when it is first needed; again when that changes. */
export const readWho = (): void => {
  if (known) return
  known = true
  onEvents((batch) => {
    if (batch.some(({ event_type }) => event_type.startsWith("agent."))) void readAgents()
  })
  void readAgents()
  void readModels()
}

const readAgents = async (): Promise<void> => {
  try {
    const { agents } = await get("/agents", AgentsReply)
    promptStore.setState({ agents: agents.map(({ description, name }) => ({ name, description })) })
  } catch {
    // Names are then not completed; what is sent is checked by the computer.
    known = false
  }
}

const readModels = async (): Promise<void> => {
  try {
    const { models } = await get("/models", ModelsReply)
    promptStore.setState({ models: models.filter(({ usable }) => usable).map(({ id }) => id) })
  } catch {
    known = false
  }
}
