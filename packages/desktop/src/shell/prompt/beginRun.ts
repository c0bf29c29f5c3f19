/**
 * Asks for a run in a thread of its own.
 *
 * Law: what is asked again, because no answer came, begins once.
 */
import { type Budget, RunStartReply, ulid } from "@choiros/protocol"
import { ApiError, post } from "../../client/api.ts"
import { me } from "../../state/session.ts"

export interface HowToBegin {
  readonly agent: string
  readonly model?: string
  readonly budget?: Budget
  readonly review_plan?: boolean
}

/** By what was asked and not answered: the run that it has begun, if it has. */
const unanswered = new Map<string, string>()

export const beginRun = async (objective: string, how: HowToBegin): Promise<typeof RunStartReply.Type> => {
  const asked = JSON.stringify([objective, how])
  const run_id = unanswered.get(asked) ?? ulid()
  unanswered.delete(asked)
  try {
    return await post("/runs", { objective, actor_id: me, user_id: me, run_id, ...how }, RunStartReply)
  } catch (error) {
    // What was refused has begun nothing.
    if (!(error instanceof ApiError) || error.status === 0 || error.status >= 500) unanswered.set(asked, run_id)
    throw error
  }
}
