/** Chat over HTTP: send, read, and the threads of an actor. */
import { EventLog } from "@choiros/event-log"
import {
  ChatSendBody,
  ClientId,
  chatSentences,
  type Event,
  evolveThreads,
  findThread,
  foldMessages,
  initialThreads,
  isBlank,
  messageEventTypes,
  type NewEvent,
  scopePair,
  ThreadCreateBody,
  ThreadPatchBody,
  ThreadsQuery,
  threadEventTypes,
  threadsOf,
  ulid
} from "@choiros/protocol"
import { Tree } from "@choiros/supervision"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { Agents } from "../agents/Agents.ts"
import { Models } from "../models/Models.ts"
import {
  decodeField,
  fail,
  type HttpFailure,
  jsonBody,
  ok,
  type RequestContext,
  type Route,
  route
} from "../server/Route.ts"
import { sendMessage, stopThread, switchModel } from "./askThread.ts"
import { chats } from "./ChatAgent.ts"
import { defaultThread, scopeKey, type ThreadScope } from "./scope.ts"

export const chatRoutes: Effect.Effect<ReadonlyArray<Route>, never, EventLog | Tree | Models | Agents> = Effect.gen(
  function* () {
    const log = yield* EventLog
    const tree = yield* Tree
    const models = yield* Models
    const agents = yield* Agents

    const append = (event: NewEvent) => log.append([event]).pipe(Effect.mapError(inWords))

    const threadsOfActor = (actorId: string, head?: number) =>
      log.stream({ actor_id: actorId, types: threadEventTypes, before_seq: head === undefined ? head : head + 1 }).pipe(
        Stream.runFold(() => initialThreads, evolveThreads),
        Effect.mapError(inWords)
      )

    const found = Effect.fnUntraced(function* (scope: ThreadScope) {
      const thread = findThread(
        yield* threadsOfActor(scope.actor_id),
        scope.actor_id,
        scope.session_id,
        scope.thread_id
      )
      return thread ?? (yield* fail(404, chatSentences.threadNotFound(scope.thread_id)))
    })

    const send = Effect.fnUntraced(function* (context: RequestContext) {
      const body = yield* jsonBody(context.request, ChatSendBody)
      const pair = yield* pairOf(body.session_id, body.thread_id)
      if (isBlank(body.text)) return yield* fail(400, chatSentences.empty)
      const scope = pair === null ? defaultThread(body.actor_id) : { actor_id: body.actor_id, ...pair }
      const { client_message_id = null, mode, text, user_id } = body
      const message = { user_id, text, client_message_id, mode: mode ?? ("steer" as const) }
      const { message_id } = yield* sendMessage(tree, scope, message).pipe(Effect.mapError(inWords))
      return ok({ success: true, temp_id: message_id, message_id, message: chatSentences.sent })
    })

    const messages = Effect.fnUntraced(function* (context: RequestContext) {
      const actorId = context.param("actor_id")
      const pair = yield* pairOf(context.query.get("session_id"), context.query.get("thread_id"))
      const events: Iterable<Event> = yield* log
        .stream({ actor_id: actorId, ...pair, types: messageEventTypes, payloads: "full" })
        .pipe(Stream.runCollect, Effect.mapError(inWords))
      return ok({ success: true, messages: foldMessages(events).messages.map((entry) => entry.message) })
    })

    const listThreads = Effect.fnUntraced(function* (context: RequestContext) {
      const actorId = context.param("actor_id")
      const { archived } = yield* decodeField(ThreadsQuery, "query", Object.fromEntries(context.query))
      const seq = yield* log.head
      const threads = threadsOf(yield* threadsOfActor(actorId, seq), actorId)
      return ok({
        success: true,
        threads: archived === undefined ? threads : threads.filter((thread) => String(thread.archived) === archived),
        seq
      })
    })

    const createThread = Effect.fnUntraced(function* (context: RequestContext) {
      const body = yield* jsonBody(context.request, ThreadCreateBody)
      const pair = yield* pairOf(body.session_id, body.thread_id)
      const scope = {
        actor_id: context.param("actor_id"),
        ...(pair ?? { session_id: `session:${ulid()}`, thread_id: `thread:${ulid()}` })
      }
      const existing = findThread(
        yield* threadsOfActor(scope.actor_id),
        scope.actor_id,
        scope.session_id,
        scope.thread_id
      )
      if (existing !== undefined) return yield* fail(409, `There is a thread ${scope.thread_id} already`)
      const agent = body.agent ?? "chat"
      yield* agents.get(agent).pipe(Effect.mapError((error) => fail(422, error.message)))
      const model = body.model ?? null
      if (model !== null) yield* checkModel(model)
      yield* append({
        ...scope,
        user_id: body.user_id ?? null,
        event_type: "chat.thread_created",
        payload: { title: body.title ?? "", agent, model }
      })
      return ok({ success: true, thread: yield* found(scope) }, 201)
    })

    const checkModel = (model: string) =>
      models.resolve(model).pipe(Effect.mapError((error) => fail(422, `Invalid model: ${error.message}`)))

    const scopeOf = (context: RequestContext): ThreadScope => ({
      actor_id: context.param("actor_id"),
      session_id: context.param("session_id"),
      thread_id: context.param("thread_id")
    })

    const patchThread = Effect.fnUntraced(function* (context: RequestContext) {
      const scope = scopeOf(context)
      const { archived, model, title } = yield* jsonBody(context.request, ThreadPatchBody)
      yield* found(scope)
      if (typeof model === "string") {
        yield* checkModel(model)
        yield* switchModel(tree, scope, model, "user").pipe(Effect.mapError(inWords))
      }
      if (typeof title === "string") yield* append({ ...scope, event_type: "chat.thread_renamed", payload: { title } })
      if (typeof archived === "boolean") {
        yield* append({ ...scope, event_type: "chat.thread_archived", payload: { archived } })
      }
      return ok({ success: true, thread: yield* found(scope) })
    })

    const deleteThread = Effect.fnUntraced(function* (context: RequestContext) {
      const scope = scopeOf(context)
      yield* found(scope)
      yield* stopThread(tree, scope, "user").pipe(Effect.mapError(inWords))
      yield* append({ ...scope, event_type: "chat.thread_deleted", payload: {} })
      yield* tree.stopChild(chats, scopeKey(scope))
      return ok({ success: true, message: "Thread deleted" })
    })

    return [
      route("POST", "/chat/send", send),
      route("GET", "/chat/:actor_id/messages", messages),
      route("GET", "/chat/:actor_id/threads", listThreads),
      route("POST", "/chat/:actor_id/threads", createThread),
      route("PATCH", "/chat/:actor_id/threads/:session_id/:thread_id", patchThread),
      route("DELETE", "/chat/:actor_id/threads/:session_id/:thread_id", deleteThread)
    ]
  }
)

const optionalId = Schema.NullOr(ClientId)

const pairOf = Effect.fnUntraced(function* (session: string | null | undefined, thread: string | null | undefined) {
  const session_id = yield* decodeField(optionalId, "session_id", session ?? null)
  const thread_id = yield* decodeField(optionalId, "thread_id", thread ?? null)
  const pair = scopePair(session_id, thread_id)
  return Result.isFailure(pair) ? yield* fail(400, pair.failure) : pair.success
})

/** What the server can't do now is 503, with the reason: a log that can't be written, an actor that does not answer. */
const inWords = (error: { readonly message: string }): HttpFailure => fail(503, error.message)
