import { flushSync } from "react-dom"

/** For what is added behind the text of a field by another than its hand: who writes in the middle goes on there. */
export const addBehind = (field: HTMLTextAreaElement | null, add: () => void): void => {
  if (field === null) {
    add()
    return
  }
  const { selectionEnd, selectionStart, value } = field
  // The browser puts the caret behind a text that is set.
  flushSync(add)
  if (selectionEnd < value.length) field.setSelectionRange(selectionStart, selectionEnd)
}
