/** The verbs for one run, as a menu shows them: what makes no sense now is not offered, what can't be done now is greyed. */
import type { ChoirCard } from "@choiros/protocol"
import {
  CirclePause,
  Hand,
  ListChecks,
  type LucideIcon,
  MessageSquare,
  MessageSquareText,
  OctagonX,
  Play,
  Undo2,
  UserRoundCheck,
  Waypoints
} from "lucide-react"
import type { MenuItem } from "../../ui/Menu.tsx"
import { isOpen } from "./room.ts"
import { hasThread, openChat, openNeed, openRun, openTrace, pauseRun, resumeRun, stopRun, takeOver } from "./verbs.ts"

interface MenuOptions {
  /** Commands can't be sent: the computer can't be reached. */
  readonly offline: boolean
  readonly onWhisper: (card: ChoirCard) => void
}

const icon = (Icon: LucideIcon) => <Icon size={16} strokeWidth={1.75} aria-hidden="true" />

export const agentMenu = (card: ChoirCard, { offline, onWhisper }: MenuOptions): ReadonlyArray<MenuItem> => {
  const look: ReadonlyArray<MenuItem> = [
    { id: "run", label: "Open the run", icon: icon(ListChecks), onSelect: () => openRun(card) },
    ...(hasThread(card)
      ? [{ id: "chat", label: "Open the chat", icon: icon(MessageSquare), onSelect: () => openChat(card) }]
      : []),
    { id: "trace", label: "Open the trace", icon: icon(Waypoints), onSelect: () => openTrace(card) }
  ]
  if (!isOpen(card)) return look
  const need: ReadonlyArray<MenuItem> =
    card.waiting.length === 0
      ? []
      : [{ id: "answer", label: "Answer what it needs", icon: icon(Hand), onSelect: () => openNeed(card) }, "separator"]
  return [...need, ...look, "separator", ...commands(card, offline, onWhisper)]
}

const commands = (card: ChoirCard, disabled: boolean, onWhisper: MenuOptions["onWhisper"]): ReadonlyArray<MenuItem> => {
  const isPaused = card.phase === "paused"
  return [
    { id: "whisper", label: "Whisper…", icon: icon(MessageSquareText), disabled, onSelect: () => onWhisper(card) },
    ...(hasThread(card) && !isPaused
      ? [
          {
            id: "take_over",
            label: "Take over",
            icon: icon(UserRoundCheck),
            disabled,
            onSelect: () => void takeOver(card)
          }
        ]
      : []),
    isPaused
      ? {
          id: "resume",
          label: hasThread(card) ? "Hand back" : "Resume",
          icon: icon(hasThread(card) ? Undo2 : Play),
          disabled,
          onSelect: () => void resumeRun(card)
        }
      : { id: "pause", label: "Pause", icon: icon(CirclePause), disabled, onSelect: () => void pauseRun(card) },
    "separator",
    {
      id: "stop",
      label: "Stop",
      icon: icon(OctagonX),
      danger: true,
      disabled: disabled || card.phase === "stopping",
      onSelect: () => void stopRun(card)
    }
  ]
}
