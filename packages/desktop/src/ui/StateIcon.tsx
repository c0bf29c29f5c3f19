import type { RunPhase } from "@choiros/protocol"
import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CirclePause,
  CircleStop,
  CircleX,
  Hand,
  Hourglass,
  ListTodo,
  LoaderCircle,
  type LucideIcon,
  Unplug
} from "lucide-react"
import { classes } from "./classes.ts"
import { phaseWords } from "./phaseWords.ts"
import styles from "./StateIcon.module.css"

const icons: Readonly<Record<RunPhase, LucideIcon>> = {
  queued: CircleDashed,
  planning: ListTodo,
  working: LoaderCircle,
  waiting_for_you: Hand,
  waiting_on_agent: Hourglass,
  paused: CirclePause,
  stopping: CircleStop,
  done: CircleCheck,
  done_with_warnings: CircleAlert,
  failed: CircleX,
  stopped: Ban,
  interrupted: Unplug
}

type StateIconProps = {
  readonly phase: RunPhase
  readonly size?: number | undefined
  /** The label stands beside it already: nothing for a screen reader. */
  readonly decorative?: boolean | undefined
  readonly className?: string | undefined
}

export const StateIcon = ({ phase, size = 16, decorative = false, className }: StateIconProps) => {
  const Icon = icons[phase]
  return (
    <Icon
      className={classes(styles.icon, className)}
      data-phase={phase}
      size={size}
      strokeWidth={1.75}
      {...(decorative ? { "aria-hidden": true } : { role: "img", "aria-label": phaseWords[phase].label })}
    />
  )
}
