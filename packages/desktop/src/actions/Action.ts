/**
 * What the desktop can do, each thing once: the palette, menus, the shortcut sheet and the keys all read this registry.
 *
 * Law: an action has one id, one title and one way to run, wherever it is offered; what can't run now is not offered.
 */
import type { LucideIcon } from "lucide-react"
import { createStore } from "zustand/vanilla"

export interface Action {
  /** As `window.close`. */
  readonly id: string
  /** A verb and its object, as a menu shows it. */
  readonly title: string
  readonly group: string
  readonly icon?: LucideIcon
  /** As `Mod+Alt+T`; the first is the one that is shown. */
  readonly keys?: ReadonlyArray<string>
  /** Works inside of a terminal or an editor too. */
  readonly everywhere?: boolean
  /** Runs again and again while its keys are held. All else is done once: a key that is held is no second wish. */
  readonly repeats?: boolean
  /** Words that a search finds it by, beside its title. */
  readonly words?: string
  readonly when?: () => boolean
  readonly run: () => void
}

export const actionsStore = createStore<{ readonly actions: ReadonlyMap<string, Action> }>(() => ({
  actions: new Map()
}))

/** At the start, each once: those of apps too, which can't run until an app takes them up. */
export const registerActions = (actions: ReadonlyArray<Action>): void =>
  actionsStore.setState((before) => {
    const all = new Map(before.actions)
    for (const action of actions) all.set(action.id, action)
    return { actions: all }
  })

export const findAction = (id: string): Action | undefined => actionsStore.getState().actions.get(id)

/** True when it was there and could run. */
export const runAction = (id: string): boolean => {
  const action = findAction(id)
  if (action === undefined || action.when?.() === false) return false
  action.run()
  return true
}
