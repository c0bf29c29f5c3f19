/** Tasks to begin with. Each works with every model, the built-in demo too. */
import { FilePlus2, FolderSearch, type LucideIcon, SquareTerminal, UsersRound } from "lucide-react"

interface Starter {
  readonly icon: LucideIcon
  readonly title: string
  /** What it shows. */
  readonly about: string
  readonly text: string
  /** Null: whoever is chosen. */
  readonly agent: string | null
}

export const starters: ReadonlyArray<Starter> = [
  {
    icon: FolderSearch,
    title: "See what is here",
    about: "Lists the files of the workspace",
    text: "list files",
    agent: null
  },
  {
    icon: FilePlus2,
    title: "Write a file",
    about: "Creates hello.md and shows what changed",
    text: "write hello.md: Hello from ChoirOS.",
    agent: null
  },
  {
    icon: SquareTerminal,
    title: "Run a command",
    about: "In the jail, with its output here",
    text: "$ uname -sr && date",
    agent: null
  },
  {
    icon: UsersRound,
    title: "Let several agents work",
    about: "A conductor plans, others do the parts",
    text: "do write one.txt: one and write two.txt: two, then list files",
    agent: "conductor"
  }
]
