/** The desktop as the grammar of the prompt sees it. */
import { useMemo } from "react"
import { useStore } from "zustand"
import { actionsStore } from "../../actions/Action.ts"
import { type ActionRef, handles, type PromptContext } from "../../prompt/context.ts"
import { desktopStore } from "../../state/desktop.ts"
import { runsNowStore } from "../runsNow.ts"
import { titleOf, titlesStore } from "../titles.ts"
import { promptStore } from "./promptStore.ts"

const actionsNow = (): ReadonlyArray<ActionRef> =>
  [...actionsStore.getState().actions.values()]
    .filter(({ when }) => when?.() !== false)
    .map(({ group, id, title, words }) => ({ id, title, words: `${group} ${words ?? ""}` }))

export const usePromptContext = (): PromptContext => {
  const windows = useStore(desktopStore, ({ state }) => state.windows)
  const titles = useStore(titlesStore, (store) => store.titles)
  const { front, named } = useStore(runsNowStore)
  const agents = useStore(promptStore, (store) => store.agents)
  const models = useStore(promptStore, (store) => store.models)
  const answering = useStore(promptStore, (store) => store.agent)
  const isCommand = useStore(promptStore, ({ text }) => text.startsWith(">"))
  const context = useMemo(() => {
    const names = windows.map((window) => titleOf(window, titles))
    const handle = handles(names)
    return {
      agents: agents.map(({ name }) => name),
      models,
      runs: named,
      windows: windows.map(({ id }, index) => ({
        window_id: id,
        handle: handle[index] ?? id,
        title: names[index] ?? id
      })),
      actions: [],
      focused: front,
      answering
    }
  }, [agents, models, named, windows, titles, front, answering])
  // What can run now hangs on everything, and is looked at while a command is being typed.
  return isCommand ? { ...context, actions: actionsNow() } : context
}
