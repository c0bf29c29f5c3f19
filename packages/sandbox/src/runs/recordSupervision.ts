/** Supervision as events; a run that was given up gets its end. A listener that fails is asked again later. */
import type { EventLog } from "@choiros/event-log"
import type { SupervisionEvent } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import { runsPath } from "./RunActor.ts"
import { endGivenUp } from "./recovery.ts"

export const recordSupervision = (log: EventLog["Service"]) => (event: SupervisionEvent) =>
  Effect.gen(function* () {
    if (event.failure !== undefined) yield* Effect.logError(`${event.path} crashed`, event.failure)
    const { cause, kind, path, restarts, type } = event
    yield* log.append([
      {
        actor_id: "supervisor",
        event_type: `supervisor.${type}`,
        payload: { path, kind, restarts, cause: cause === "" ? null : cause }
      }
    ])
    if (type === "gave_up" && path.startsWith(runsPath)) {
      yield* endGivenUp(log, decodeURIComponent(path.slice(runsPath.length)), cause)
    }
  })
