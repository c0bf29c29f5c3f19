import type { Tier } from "@choiros/protocol"
import {
  BookOpen,
  CircleDollarSign,
  Flame,
  FolderOutput,
  Globe,
  KeyRound,
  type LucideIcon,
  Pencil,
  Terminal
} from "lucide-react"
import { Badge } from "./Badge.tsx"
import { tierWords } from "./tierWords.ts"

const icons: Readonly<Record<Tier, LucideIcon>> = {
  read: BookOpen,
  write: Pencil,
  write_outside: FolderOutput,
  network: Globe,
  shell: Terminal,
  destructive: Flame,
  secrets: KeyRound,
  spend: CircleDollarSign
}

export const TierBadge = ({ tier }: { readonly tier: Tier }) => {
  const Icon = icons[tier]
  const { label, tone } = tierWords[tier]
  return (
    <Badge tone={tone}>
      <Icon size={12} strokeWidth={1.75} aria-hidden="true" />
      {label}
    </Badge>
  )
}
