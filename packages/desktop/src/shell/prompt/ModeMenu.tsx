import { ChevronDown } from "lucide-react"
import { useStore } from "zustand"
import { AgentMark } from "../../ui/AgentMark.tsx"
import type { MenuItem } from "../../ui/Menu.tsx"
import { LateMenu } from "../LateMenu.tsx"
import styles from "./PromptBar.module.css"
import { promptStore, readWho, setAgent, setModel } from "./promptStore.ts"

/** Who answers a new objective, and with which model. */
export const ModeMenu = () => {
  const { agent, agents, model, models } = useStore(promptStore)
  const names = agents.length === 0 ? [agent] : agents.map(({ name }) => name)
  const items: ReadonlyArray<MenuItem> = [
    ...names.map((name) => ({
      id: name,
      label: name,
      icon: <AgentMark name={name} />,
      checked: name === agent,
      onSelect: () => setAgent(name)
    })),
    ...(models.length === 0
      ? []
      : [
          "separator" as const,
          {
            id: "model",
            label: model === null ? "Model: the agent's own" : `Model: ${model}`,
            items: [
              { id: "own", label: "The agent's own", checked: model === null, onSelect: () => setModel(null) },
              "separator" as const,
              ...models.map((id) => ({ id, label: id, checked: id === model, onSelect: () => setModel(id) }))
            ]
          }
        ])
  ]
  return (
    <LateMenu
      items={items}
      onOpen={readWho}
      trigger={
        <button type="button" className={styles.mode} aria-label={`Who answers: ${agent}`}>
          <AgentMark name={agent} />
          <span className={styles.modeName}>{agent}</span>
          <ChevronDown size={14} strokeWidth={1.75} aria-hidden="true" />
        </button>
      }
    />
  )
}
