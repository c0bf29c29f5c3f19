/** Dialogs that have the keyboard, or are about to give it back. */
let open = 0

export const dialogOpens = (): void => {
  open += 1
}

export const dialogIsOver = (): void => {
  open -= 1
}

/** Nobody has the keyboard, and nobody is about to be given it back. */
export const isKeyboardFree = (): boolean =>
  open === 0 && (document.activeElement === null || document.activeElement === document.body)
