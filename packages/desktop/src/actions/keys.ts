/** Keys, as the registry writes them (`Mod+Shift+A`), and as the keyboard says them. `Mod` is Ctrl, or ⌘ on a Mac. */

import { createStore } from "zustand/vanilla"
import { isMac } from "../ui/keyNames.ts"
import { type Action, actionsStore } from "./Action.ts"

const stored = "choiros.keys"

const isOverrides = (value: unknown): value is Readonly<Record<string, ReadonlyArray<string>>> =>
  typeof value === "object" &&
  value !== null &&
  Object.values(value).every((keys) => Array.isArray(keys) && keys.every((key) => typeof key === "string"))

const readOverrides = (): Readonly<Record<string, ReadonlyArray<string>>> => {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(stored) ?? "{}")
    return isOverrides(value) ? value : {}
  } catch {
    return {}
  }
}

/** What the person changed, by the action's id. */
export const keysStore = createStore<{ readonly overrides: Readonly<Record<string, ReadonlyArray<string>>> }>(() => ({
  overrides: readOverrides()
}))

/** Null brings the action's own keys back. */
export const setKeys = (id: string, keys: ReadonlyArray<string> | null): void => {
  const { [id]: _, ...others } = keysStore.getState().overrides
  const overrides = keys === null ? others : { ...others, [id]: keys }
  keysStore.setState({ overrides })
  try {
    localStorage.setItem(stored, JSON.stringify(overrides))
  } catch {
    // Without storage they last as long as the page.
  }
}

export const keysOf = (action: Action): ReadonlyArray<string> =>
  keysStore.getState().overrides[action.id] ?? action.keys ?? []

/**
 * The event as the registry writes keys.
 *
 * Law: letters and signs go by what is printed on the key. By their place go digits, which some keyboards have on Shift, the
 * key beside them (`Backquote`), and what prints nothing that we know: other scripts, and Alt on a Mac. A sign that is typed
 * with Shift is the sign alone.
 */
export const keysOfEvent = (event: KeyboardEvent): string => {
  const mod = isMac() ? event.metaKey : event.ctrlKey
  const other = isMac() ? event.ctrlKey : event.metaKey
  const name = keyName(event)
  const parts = [
    mod ? "Mod" : "",
    other ? "Meta" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !(isSign(name) && name === event.key) ? "Shift" : "",
    name
  ]
  return parts.filter((part) => part !== "").join("+")
}

const isSign = (key: string): boolean => /^[!-/:-@[-`{-~]$/.test(key)
const isLetter = (key: string): boolean => /^[a-z]$/i.test(key)

/** Signs by their place, where that prints something else. */
const signs: Readonly<Record<string, string>> = { Slash: "/", Period: ".", BracketLeft: "[", BracketRight: "]" }

const keyName = (event: KeyboardEvent): string => {
  const { altKey, code, key, shiftKey } = event
  if (isLetter(key)) return key.toUpperCase()
  if (code === "Backquote") return code
  const digit = /^Digit(\d)$/.exec(code)?.[1]
  const isTyped = isSign(key) && !altKey
  if (digit !== undefined) {
    const isThird = event.getModifierState("AltGraph")
    return isTyped && (shiftKey || isThird) ? key : digit
  }
  if (isTyped) return key
  const place = /^Key([A-Z])$/.exec(code)?.[1] ?? signs[code]
  if (place !== undefined) return place
  return key.length === 1 ? key.toUpperCase() : key.replace(/^Arrow/, "")
}

/** The action whose keys these are, if it can run now. `inside`: the focus is in a terminal or an editor. */
export const actionOfKeys = (keys: string, inside: boolean): Action | undefined => {
  for (const action of actionsStore.getState().actions.values()) {
    if (inside && action.everywhere !== true) continue
    if (keysOf(action).includes(keys) && action.when?.() !== false) return action
  }
  return undefined
}
