/** What can be done with a command of the terminal. */
import { Bot, Copy, Play, SquareTerminal } from "lucide-react"
import type { Doing } from "../../actions/appActions.ts"
import { visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import type { MenuAction } from "../../ui/Menu.tsx"
import { giveBack } from "../chat/drafts.ts"
import type { CommandBlock } from "./CommandBlocks.ts"
import { copyText, type TerminalScreen } from "./TerminalScreen.ts"

/** Where Chat keeps what is written before a conversation has begun. */
const newConversation = "new"

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

type BlockAction = MenuAction & { readonly id: "rerun" | "copy_command" | "copy_output" | "ask" }

export const blockMenu = (screen: TerminalScreen, block: CommandBlock, live: boolean): ReadonlyArray<BlockAction> => [
  {
    id: "rerun",
    label: "Run it again",
    icon: <Play {...icon} />,
    // While another runs, what is typed is that one's.
    disabled: !live || screen.blocks.isBusy || block.command === "",
    onSelect: () => screen.rerun(block.command)
  },
  {
    id: "copy_command",
    label: "Copy the command",
    icon: <SquareTerminal {...icon} />,
    disabled: block.command === "",
    onSelect: () => void copyText(block.command)
  },
  {
    id: "copy_output",
    label: "Copy the output",
    icon: <Copy {...icon} />,
    onSelect: () => void copyText(screen.blocks.output(block.id))
  },
  {
    id: "ask",
    label: "Ask an agent about this",
    icon: <Bot {...icon} />,
    onSelect: () => {
      giveBack(newConversation, question(block, screen.blocks.output(block.id)))
      openApp("chat")
    }
  }
]

/** The same for the palette and for keys: of the command that is selected or on top, else of the last one. */
export const blockDoings = (screen: TerminalScreen) => {
  const doing = (id: BlockAction["id"]): Doing => {
    const found = (): BlockAction | undefined => {
      const block = screen.blockHere()
      if (block === null) return undefined
      const live = screen.session.status.getState().phase === "live"
      return blockMenu(screen, block, live).find((item) => item.id === id && item.disabled !== true)
    }
    return { when: () => found() !== undefined, run: () => found()?.onSelect() }
  }
  return {
    "terminal.rerun": doing("rerun"),
    "terminal.copy_command": doing("copy_command"),
    "terminal.copy_output": doing("copy_output"),
    "terminal.ask": doing("ask")
  }
}

/** How a command ended, after its name. */
export const endWords = ({ exit }: CommandBlock): string => {
  if (exit === undefined) return "is running"
  if (exit === null) return "has ended"
  return exit === 0 ? "succeeded" : `failed with ${exit}`
}

/** Quoted, in a fence that nothing in it can end. */
const question = (block: CommandBlock, output: string): string => {
  const text = visibleText(`$ ${block.command}\n${output}`).trimEnd()
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return `This command ${endWords(block)} in my terminal:\n\n${fence}\n${text}\n${fence}\n\n`
}
