/** The one menu of a run: behind a button, and at the pointer over whatever shows runs (each marked with `data-run`). */

import type { ChoirCard } from "@choiros/protocol"
import { EllipsisVertical } from "lucide-react"
import { memo, type ReactElement, useState } from "react"
import { choirStore } from "../../state/choir.ts"
import { IconButton } from "../../ui/IconButton.tsx"
import { ContextMenu, Menu } from "../../ui/Menu.tsx"
import { agentMenu } from "./agentMenu.tsx"

const cardOf = (run_id: string | null): ChoirCard | undefined =>
  run_id === null ? undefined : choirStore.getState().choir.cards.get(run_id)

interface MenuProps {
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

interface ButtonProps extends MenuProps {
  readonly run_id: string
  readonly agent: string
  readonly tabIndex?: number | undefined
}

/** Takes what it offers from the store when it opens, so that a card that changes does not draw it again. */
export const AgentMenuButton = memo(({ run_id, agent, tabIndex, offline, onWhisper }: ButtonProps) => {
  const [open, setOpen] = useState(false)
  const card = open ? cardOf(run_id) : undefined
  return (
    <Menu
      open={open}
      onOpenChange={setOpen}
      align="end"
      items={card === undefined ? [] : agentMenu(card, { offline, onWhisper })}
      trigger={
        <IconButton
          label={`More for ${agent}`}
          size="s"
          tabIndex={tabIndex}
          icon={<EllipsisVertical size={16} strokeWidth={1.75} aria-hidden="true" />}
        />
      }
    />
  )
})

/** Around one element that holds things marked with `data-run`. */
export const AgentContextMenu = ({ children, offline, onWhisper }: MenuProps & { readonly children: ReactElement }) => {
  const [run_id, setRunId] = useState<string | null>(null)
  const card = cardOf(run_id)
  return (
    <div
      style={{ display: "contents" }}
      onContextMenuCapture={(event) => {
        const target = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-run]") : null
        setRunId(target?.dataset["run"] ?? null)
      }}
    >
      <ContextMenu items={card === undefined ? [] : agentMenu(card, { offline, onWhisper })} disabled={false}>
        {children}
      </ContextMenu>
    </div>
  )
}
