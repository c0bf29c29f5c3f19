/** What windows are called on this screen: as their app says, else as they were opened. */
import type { WindowState } from "@choiros/protocol"
import { createStore } from "zustand/vanilla"
import { plainName } from "../content/plainText.ts"

export const titlesStore = createStore<{ readonly titles: ReadonlyMap<string, string> }>(() => ({ titles: new Map() }))

export const setWindowTitle = (window_id: string, title: string): void => {
  const { titles } = titlesStore.getState()
  if (titles.get(window_id) !== title) titlesStore.setState({ titles: new Map(titles).set(window_id, title) })
}

export const titleOf = ({ id, title }: WindowState, titles: ReadonlyMap<string, string>): string =>
  plainName(titles.get(id) ?? title)
