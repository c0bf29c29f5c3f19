/** What a user prefers: the last that was chosen, out of the log. */
import { type AppendError, EventLog } from "@choiros/event-log"
import { isEvent, type PreferencesReply, Theme, themeSentence } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { fail, type HttpFailure, jsonBody, ok, type RequestContext, type Route, route } from "../server/Route.ts"

/** Any value, since a wrong one has a sentence of its own. */
const Body = Schema.Struct({ theme: Schema.optional(Schema.Unknown) })

export const preferenceRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog> = Effect.gen(function* () {
  const log = yield* EventLog

  const get = Effect.fnUntraced(function* ({ param }: RequestContext) {
    const [last] = yield* log
      .read({ actor_id: userActor(param("user_id")), types: ["user.theme_preference"], order: "desc", limit: 1 })
      .pipe(Effect.mapError(inWords))
    const theme = last !== undefined && isEvent(last, "user.theme_preference") ? last.payload.theme : "dark"
    return ok({ success: true, theme } satisfies PreferencesReply)
  })

  const set = Effect.fnUntraced(function* ({ param, request }: RequestContext) {
    const body = yield* jsonBody(request, Body)
    const theme = decodeTheme(body.theme)
    if (Option.isNone(theme)) return yield* fail(400, themeSentence)
    const user_id = param("user_id")
    yield* log
      .append([
        {
          actor_id: userActor(user_id),
          user_id,
          event_type: "user.theme_preference",
          payload: { theme: theme.value }
        }
      ])
      .pipe(Effect.mapError(inWords))
    return ok({ success: true, theme: theme.value } satisfies PreferencesReply)
  })

  return [route("GET", "/user/:user_id/preferences", get), route("PATCH", "/user/:user_id/preferences", set)]
})

const decodeTheme = Schema.decodeUnknownOption(Theme)

const userActor = (user_id: string): string => `user:${user_id}`

const inWords = (error: AppendError): HttpFailure => fail(503, error.message)
