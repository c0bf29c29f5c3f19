/** A reading in a few words, as the chip shows it before Enter. */
import { capInWords } from "./budget.ts"
import { planAgent, type Reading, urlAgent } from "./read.ts"

/** What becomes of words while a run is in front. */
export type Way = "steer" | "queue" | "replace" | "new"

export const wayWords: Readonly<Record<Way, { readonly label: string; readonly does: string }>> = {
  steer: { label: "Steer", does: "The run is told at its next step" },
  queue: { label: "Queue after", does: "It begins when the run has ended" },
  replace: { label: "Stop and send", does: "In place of what the run does" },
  new: { label: "New run", does: "A run of its own, beside the one in front" }
}

export interface Described {
  /** What Enter does. */
  readonly label: string
  /** Whom it goes to; null where it goes to nobody. */
  readonly target: string | null
  /** Not sent as it stands. */
  readonly unclear: boolean
}

const longest = 40

export const short = (text: string): string => {
  const line = text.trim().replace(/\s+/g, " ")
  const points = Array.from(line)
  return points.length <= longest
    ? line
    : `${points
        .slice(0, longest - 1)
        .join("")
        .trimEnd()}…`
}

/** `model`: what the person chose for new runs, if anything. */
export const describe = (reading: Reading, way: Way, model: string | null): Described => {
  const does = (label: string, target: string | null = null): Described => ({ label, target, unclear: false })
  const by = model === null ? "" : ` with ${model}`
  switch (reading.kind) {
    case "empty":
      return does("")
    case "unclear":
      return { label: reading.problem, target: null, unclear: true }
    case "command":
      return reading.action === null
        ? { label: "No command is called that", target: null, unclear: true }
        : does(`Command: ${reading.action.title}`)
    case "plan":
      return does(`Plan first${by}, then wait for you`, planAgent)
    case "control":
      return does(`${controls[reading.verb]} “${short(reading.run.objective)}”`)
    case "caps":
      return does(`Cap at ${reading.caps.map(capInWords).join(", ")}`, short(reading.run.objective))
    case "model":
      return does(`New runs use ${reading.model}`)
    case "agent":
      return does(`${reading.agent} answers new runs`)
    case "help":
      return does("What can be typed here")
    case "shell":
      return does("Shell line, as you")
    case "search":
      return does("Search everything")
    case "url":
      return does(`New run${by}: look at ${hostOf(reading.url)}`, urlAgent)
    case "window":
      return does(`Go to “${short(reading.window.title)}”`)
    case "objective": {
      if (reading.run !== null && way !== "new") return does(wayWords[way].label, short(reading.run.objective))
      const caps = reading.caps.length === 0 ? "" : `, at most ${reading.caps.map(capInWords).join(", ")}`
      return does(`New run${by}${caps}`, reading.agent)
    }
  }
}

const controls = { stop: "Stop", pause: "Pause", resume: "Resume", retry: "Retry" } as const

const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : url)
