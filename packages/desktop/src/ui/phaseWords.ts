/** The twelve states of a run, in the same words everywhere. */
import type { RunPhase } from "@choiros/protocol"
import type { Tone } from "./tone.ts"

export type PhaseWords = {
  /** Alone, as a status. */
  readonly label: string
  /** After a name: "code is waiting for you". */
  readonly verb: string
  readonly tone: Tone
}

export const phaseWords: Readonly<Record<RunPhase, PhaseWords>> = {
  queued: { label: "Queued", verb: "is queued", tone: "neutral" },
  planning: { label: "Planning", verb: "is planning", tone: "info" },
  working: { label: "Working", verb: "is working", tone: "info" },
  waiting_for_you: { label: "Waiting for you", verb: "is waiting for you", tone: "warning" },
  waiting_on_agent: { label: "Waiting on agent", verb: "is waiting on another agent", tone: "neutral" },
  paused: { label: "Paused", verb: "is paused", tone: "neutral" },
  stopping: { label: "Stopping", verb: "is stopping", tone: "neutral" },
  done: { label: "Done", verb: "is done", tone: "success" },
  done_with_warnings: { label: "Done with warnings", verb: "is done, with warnings", tone: "warning" },
  failed: { label: "Failed", verb: "failed", tone: "danger" },
  stopped: { label: "Stopped", verb: "was stopped", tone: "neutral" },
  interrupted: { label: "Interrupted", verb: "was interrupted", tone: "danger" }
}
