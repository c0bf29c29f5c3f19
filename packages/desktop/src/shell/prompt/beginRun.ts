/** Asks for a run in a thread of its own: asked again because no answer came, it begins once. */
import { type Budget, RunStartReply } from "@choiros/protocol"
import { post } from "../../client/api.ts"
import { sayOnce } from "../../state/sayOnce.ts"
import { me } from "../../state/session.ts"

export interface HowToBegin {
  readonly agent: string
  readonly model?: string
  readonly budget?: Budget
  readonly review_plan?: boolean
}

/** Null, and `begun` is called, when no answer came and the run has turned up; it may turn up later, too. */
export const beginRun = (
  objective: string,
  how: HowToBegin,
  begun: (run_id: string) => void
): Promise<typeof RunStartReply.Type | null> =>
  sayOnce(
    ["run", objective, how],
    (client_message_id) =>
      post("/runs", { objective, actor_id: me, user_id: me, client_message_id, ...how }, RunStartReply),
    begun
  )
