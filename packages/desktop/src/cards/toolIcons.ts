import {
  AppWindow,
  CircleQuestionMark,
  FilePen,
  FileText,
  FolderOpen,
  ListTodo,
  type LucideIcon,
  MessageSquare,
  ScrollText,
  Search,
  SquareTerminal,
  TextQuote,
  Users,
  Wrench
} from "lucide-react"
import type { ToolKind } from "./toolCalls.ts"

export const toolIcons: Readonly<Record<ToolKind, LucideIcon>> = {
  shell: SquareTerminal,
  output: TextQuote,
  read: FileText,
  list: FolderOpen,
  search: Search,
  edit: FilePen,
  log: ScrollText,
  delegate: Users,
  plan: ListTodo,
  question: CircleQuestionMark,
  message: MessageSquare,
  show: AppWindow,
  other: Wrench
}
