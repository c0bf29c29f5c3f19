/** The states of an actor, in words and by a picture. A state that this desktop does not know is shown by its own name. */
import { CircleCheck, CircleDashed, CirclePlay, CircleStop, CircleX, type LucideIcon, RotateCw } from "lucide-react"

interface StateLook {
  readonly label: string
  readonly icon: LucideIcon
  readonly tone: "good" | "busy" | "bad" | "idle"
}

const looks: Readonly<Record<string, StateLook>> = {
  starting: { label: "Starting", icon: CirclePlay, tone: "busy" },
  running: { label: "Running", icon: CircleCheck, tone: "good" },
  restarting: { label: "Restarting", icon: RotateCw, tone: "bad" },
  stopping: { label: "Stopping", icon: CircleStop, tone: "busy" },
  stopped: { label: "Stopped", icon: CircleStop, tone: "idle" },
  given_up: { label: "Given up", icon: CircleX, tone: "bad" }
}

export const stateLook = (state: string): StateLook =>
  Object.hasOwn(looks, state) && looks[state] !== undefined
    ? looks[state]
    : { label: state.replaceAll("_", " "), icon: CircleDashed, tone: "idle" }
