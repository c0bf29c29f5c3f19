/** What can be done with a command of the terminal. */
import { Bot, Copy, Play, SquareTerminal } from "lucide-react"
import { visibleText } from "../../content/plainText.ts"
import { openApp } from "../../state/windows.ts"
import type { MenuItem } from "../../ui/Menu.tsx"
import { giveBack } from "../chat/drafts.ts"
import type { CommandBlock } from "./CommandBlocks.ts"
import { copyText, type TerminalScreen } from "./TerminalScreen.ts"

/** Where Chat keeps what is written before a conversation has begun. */
const newConversation = "new"

const icon = { size: 14, strokeWidth: 1.75, "aria-hidden": true } as const

export const blockMenu = (screen: TerminalScreen, block: CommandBlock, live: boolean): ReadonlyArray<MenuItem> => [
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
