/** The one listener for the desktop's keys. */
import { isMac } from "../ui/keyNames.ts"
import { actionOfKeys, keysOfEvent } from "./keys.ts"

const editable = "input, textarea, select, [contenteditable='true'], [role='textbox']"
/** Terminals and editors mark themselves: their keys are theirs, but for those that work everywhere. */
const capturing = "[data-captures-keys]"
/** New keys for an action are being pressed. */
const recording = "[data-records-keys]"

/** Keys that are typed rather than pressed: no Mod and no Alt. */
const isTyped = (event: KeyboardEvent): boolean => !(isMac() ? event.metaKey : event.ctrlKey) && !event.altKey

/** Listens until the page is gone. Before everyone else, so that ★ keys reach us from inside a terminal. */
export const listenToKeys = (): void => {
  window.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || event.defaultPrevented) return
      const target = event.target instanceof Element ? event.target : null
      const inside = target?.closest(capturing) !== null && target !== null
      if (target !== null && target.closest(recording) !== null) return
      if (!inside && isTyped(event) && target?.closest(editable) !== null && target !== null) return
      const action = actionOfKeys(keysOfEvent(event), inside)
      if (action === undefined) return
      event.preventDefault()
      event.stopPropagation()
      if (!event.repeat || action.repeats === true) action.run()
    },
    { capture: true }
  )
}
