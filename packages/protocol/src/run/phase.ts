/** Where a run stands, in the words that people are shown everywhere. */
import * as Schema from "effect/Schema"
import { isWaiting, type RunState } from "./RunState.ts"

export const RunPhase = Schema.Literals([
  "queued",
  "planning",
  "working",
  "waiting_for_you",
  "waiting_on_agent",
  "paused",
  "stopping",
  "done",
  "done_with_warnings",
  "failed",
  "stopped",
  "interrupted"
])
export type RunPhase = typeof RunPhase.Type

/** What a phase is told from. */
export interface Standing {
  readonly status: RunState["status"]
  readonly outcome: RunState["outcome"]
  /** A call of it waits for a person. */
  readonly waitsForYou: boolean
  /** Its model has said all for now. */
  readonly turnOver: boolean
  /** Work that it handed out goes on. */
  readonly hasOpenTasks: boolean
  readonly isCalling: boolean
  readonly agent: string
  readonly hasPlan: boolean
}

export const phaseBy = (standing: Standing): RunPhase => {
  switch (standing.status) {
    case "none":
      return "queued"
    case "paused":
      return "paused"
    case "stopping":
      return "stopping"
    case "ended":
      return standing.outcome ?? "interrupted"
    case "working": {
      if (standing.waitsForYou) return "waiting_for_you"
      if (standing.turnOver && !standing.isCalling && standing.hasOpenTasks) return "waiting_on_agent"
      return standing.agent === "conductor" && !standing.hasPlan ? "planning" : "working"
    }
  }
}

export const phaseOf = (state: RunState): RunPhase =>
  phaseBy({
    status: state.status,
    outcome: state.outcome,
    waitsForYou: state.tools.some(isWaiting),
    turnOver: state.turn_over,
    hasOpenTasks: state.tasks.some((task) => task.status === "open"),
    isCalling: state.call !== null,
    agent: state.agent,
    hasPlan: state.plan !== null
  })
