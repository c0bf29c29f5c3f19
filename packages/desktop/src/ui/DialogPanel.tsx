/** What a dialog consists of. When it closes, the keyboard goes back to where it was, else to the window in front. */
import { Dialog as RadixDialog } from "radix-ui"
import { type ComponentProps, useEffect, useState } from "react"
import { dialogIsOver, dialogOpens } from "./dialogs.ts"

/** Ours have no trigger that Radix knows of. Mounted when the dialog opens, before anything in it takes the focus. */
export const DialogPanel = (props: ComponentProps<typeof RadixDialog.Content>) => {
  const [before] = useState(() => document.activeElement)
  useEffect(dialogOpens, [])
  return (
    <RadixDialog.Content
      {...props}
      onCloseAutoFocus={(event) => {
        event.preventDefault()
        giveBack(before)
        dialogIsOver()
        props.onCloseAutoFocus?.(event)
      }}
    />
  )
}

const isNowhere = (): boolean => document.activeElement === null || document.activeElement === document.body

const giveBack = (before: Element | null): void => {
  // What the dialog has opened may have taken it.
  if (!isNowhere()) return
  if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true })
  if (!isNowhere()) return
  document.querySelector<HTMLElement>("[data-window][data-active='true']")?.focus({ preventScroll: true })
}
