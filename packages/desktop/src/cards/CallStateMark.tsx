import {
  Ban,
  Check,
  CircleDashed,
  CircleHelp,
  CircleStop,
  Hand,
  LoaderCircle,
  type LucideIcon,
  Minus,
  ShieldX,
  X
} from "lucide-react"
import { classes } from "../ui/classes.ts"
import styles from "./CallStateMark.module.css"
import { type CallState, stateWords } from "./toolCalls.ts"

const icons: Readonly<Record<CallState, LucideIcon>> = {
  asked: CircleDashed,
  waiting: Hand,
  running: LoaderCircle,
  going_on: LoaderCircle,
  done: Check,
  failed: X,
  denied: Ban,
  refused: ShieldX,
  cancelled: CircleStop,
  unknown: CircleHelp,
  not_begun: Minus
}

/** How a call stands, as an icon that says it to a screen reader as well. */
export const CallStateMark = ({ state, size = 14 }: { readonly state: CallState; readonly size?: number }) => {
  const Icon = icons[state]
  return (
    <Icon
      className={classes(styles.mark, styles[state])}
      size={size}
      strokeWidth={2}
      role="img"
      aria-label={stateWords[state]}
    />
  )
}
