/** A menu whose code is fetched when it is first asked for: the bar is there before any menu is. */
import { cloneElement, type ReactElement, useState } from "react"
import { Waiting } from "../ui/Late.tsx"
import type { MenuItem } from "../ui/Menu.tsx"
import { late, PartCrash } from "./late.tsx"

const Menu = late(async () => ({ default: (await import("../ui/Menu.tsx")).Menu }))

interface LateMenuProps {
  readonly trigger: ReactElement<{ readonly onClick?: () => void; readonly "aria-haspopup"?: "menu" }>
  readonly items: ReadonlyArray<MenuItem>
  readonly align?: "start" | "end"
  readonly onOpen?: () => void
}

export const LateMenu = ({ align = "start", items, onOpen, trigger }: LateMenuProps) => {
  const [wasOpened, setOpened] = useState(false)
  const [open, setOpen] = useState(false)
  const change = (next: boolean) => {
    setOpen(next)
    if (!next) return
    setOpened(true)
    onOpen?.()
  }
  const button = cloneElement(trigger, { onClick: () => change(true), "aria-haspopup": "menu" })
  if (!wasOpened) return button
  return (
    <PartCrash attempt={open} fallback={button} onCrash={() => setOpen(false)}>
      <Waiting fallback={button}>
        <Menu side="top" align={align} items={items} open={open} onOpenChange={change} trigger={trigger} />
      </Waiting>
    </PartCrash>
  )
}
