/** First things to ask for: each does something real, also with the demo model. */
import { Files, ListChecks, type LucideIcon, PenLine, ShieldQuestion } from "lucide-react"

interface Starter {
  readonly id: string
  readonly title: string
  readonly objective: string
  readonly agent: string
  readonly icon: LucideIcon
}

export const starters: ReadonlyArray<Starter> = [
  { id: "look", title: "See what is in the workspace", objective: "list files", agent: "chat", icon: Files },
  {
    id: "write",
    title: "Write a first note",
    objective: "write hello.md: Written by an agent of this computer.",
    agent: "chat",
    icon: PenLine
  },
  {
    id: "together",
    title: "Let several agents work together",
    objective: "do list files and run date, then write together.md: Made by several agents.",
    agent: "conductor",
    icon: ListChecks
  },
  {
    id: "asks",
    title: "See how it asks before it deletes",
    objective: "run rm -rf scratch",
    agent: "chat",
    icon: ShieldQuestion
  }
]
