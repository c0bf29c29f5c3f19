/** The desktop as the grammar of the prompt sees it. */
import { useMemo } from "react"
import { useStore } from "zustand"
import { actionsStore } from "../../actions/Action.ts"
import { plainName } from "../../content/plainText.ts"
import { type ActionRef, handles, type PromptContext } from "../../prompt/context.ts"
import { desktopStore } from "../../state/desktop.ts"
import { runsNowStore } from "../runsNow.ts"
import { promptStore } from "./promptStore.ts"

const actionsNow = (): ReadonlyArray<ActionRef> =>
  [...actionsStore.getState().actions.values()]
    .filter(({ when }) => when?.() !== false)
    .map(({ group, id, title, words }) => ({ id, title, words: `${group} ${words ?? ""}` }))

export const usePromptContext = (): PromptContext => {
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const active = useStore(desktopStore, (store) => store.active)
  const { front, named } = useStore(runsNowStore)
  const agents = useStore(promptStore, (store) => store.agents)
  const models = useStore(promptStore, (store) => store.models)
  const answering = useStore(promptStore, (store) => store.agent)
  const actions = useStore(actionsStore, (store) => store.actions)
  const isCommand = useStore(promptStore, ({ text }) => text.startsWith(">"))
  return useMemo(() => {
    const titles = windows.map(({ title }) => plainName(title))
    const names = handles(titles)
    return {
      agents: agents.map(({ name }) => name),
      models,
      runs: named,
      windows: windows.map(({ id }, index) => ({
        window_id: id,
        handle: names[index] ?? id,
        title: titles[index] ?? id
      })),
      // What can run now hangs on all of it, and is looked at when a command is being typed.
      actions: isCommand && (active !== "" || actions.size > 0) ? actionsNow() : [],
      focused: front,
      answering
    }
  }, [agents, models, named, windows, front, answering, isCommand, active, actions])
}
