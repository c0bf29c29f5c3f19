/** What models there are, for people: the list that `/model` shows. */
import { ModelsReply } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import { get, type Server, type ServerError } from "../server/Server.ts"

export interface Models {
  readonly default: string | null
  readonly usable: ReadonlyArray<string>
}

export const findModels = (server: Server): Effect.Effect<Models, ServerError> =>
  Effect.map(get(server, "models", ModelsReply), ({ default: chosen, models }) => ({
    default: chosen,
    usable: models.filter(({ usable }) => usable).map(({ id }) => id)
  }))
