/**
 * A thread's agent: it takes the thread's messages, and sees to it that each belongs to exactly one run.
 *
 * Law: at most one run works for a thread at a time, and a message that was acknowledged is in the log.
 *
 *   idle ── message ──▶ a run starts ── run.ended ──▶ idle, or the next queued message's run
 *                        │  steer: into the run     queue: after it     replace: stop it, then next
 */
import { type AppendError, EventLog, type ReadError } from "@choiros/event-log"
import { type Event, type EventPayloads, excerpt, isEvent, ulid } from "@choiros/protocol"
import {
  type ActorDead,
  actor,
  type CallTimeout,
  dynamic,
  type GaveUp,
  type MailboxFull,
  type Reply,
  type SelfCall,
  type StartFailed,
  Tree
} from "@choiros/supervision"
import * as Effect from "effect/Effect"
import type { ModelError } from "../models/Model.ts"
import { Models } from "../models/Models.ts"
import { type RunMessage, runs } from "../runs/RunActor.ts"
import { turnFailedTopic } from "./ephemeral.ts"
import { scopeOfKey, type ThreadScope } from "./scope.ts"

type MessageMode = EventPayloads["chat.user_msg"]["mode"]

export interface IncomingMessage {
  readonly user_id: string
  readonly text: string
  readonly client_message_id: string | null
  readonly mode: MessageMode
}

export type Accepted =
  /** Committed; a run has it, or will. */
  | { readonly _tag: "Taken"; readonly message_id: string }
  /** This `client_message_id` came before: nothing was done. */
  | { readonly _tag: "Repeated"; readonly message_id: string }

export type SendError =
  | AppendError
  | ReadError
  | ActorDead
  | CallTimeout
  | GaveUp
  | MailboxFull
  | SelfCall
  | StartFailed

export type ChatMessage =
  | { readonly _tag: "Send"; readonly message: IncomingMessage; readonly reply: Reply<Accepted, SendError> }
  | { readonly _tag: "Stop"; readonly by: string; readonly reply: Reply<boolean, SendError> }
  | {
      readonly _tag: "SwitchModel"
      readonly model: string
      readonly user_id: string
      readonly reply: Reply<void, ModelError | AppendError>
    }
  | { readonly _tag: "RunEnded"; readonly run_id: string }

interface Queued {
  readonly message_id: string
  readonly text: string
  readonly user_id: string
}

/** Messages and runs that a thread's agent looks back on when it starts. */
const lookBack = 500

const callTimeout = { timeout: "20 seconds" } as const

const chatAgent = (key: string) =>
  actor<ChatMessage, ReadError, EventLog | Models>({
    kind: "chat",
    start: Effect.fnUntraced(function* () {
      const log = yield* EventLog
      const models = yield* Models
      const tree = yield* Tree
      const scope = scopeOfKey(key)
      const thread = yield* loadThread(log, scope)

      /** The model that the next run of this thread is asked with. */
      const modelOf = Effect.suspend(() => (thread.model === null ? models.current : Effect.succeed(thread.model)))

      const appendMessage = (message: IncomingMessage, message_id: string) =>
        log.append([
          {
            ...scope,
            event_type: "chat.user_msg",
            user_id: message.user_id,
            correlation_id: message_id,
            payload: toPayload(message, message_id)
          }
        ])

      const startRun = Effect.fnUntraced(function* (
        asked: Queued,
        message: EventPayloads["chat.user_msg"] | null,
        model: string
      ) {
        const run_id = ulid()
        const run = yield* tree.getOrStart(runs, run_id)
        yield* run.call<void, AppendError>(
          (reply): RunMessage => ({
            _tag: "Start",
            context: { ...scope, user_id: asked.user_id, run_id, correlation_id: asked.message_id },
            started: {
              // The message has the whole text; only one that waited in the queue must be told again.
              objective: message === null ? asked.text : excerpt(asked.text),
              agent: thread.agent,
              model,
              trigger: { kind: "message", message_id: asked.message_id },
              parent_run_id: null
            },
            message,
            reply
          }),
          callTimeout
        )
        thread.run_id = run_id
      })

      /** False: the run is over, and the message needs one of its own. */
      const steer = Effect.fnUntraced(function* (run_id: string, message: EventPayloads["chat.user_msg"]) {
        const ask = Effect.gen(function* () {
          const run = yield* tree.getOrStart(runs, run_id)
          return yield* run.call<boolean, AppendError>(
            (reply): RunMessage => ({ _tag: "Steer", message, reply }),
            callTimeout
          )
        })
        return yield* ask.pipe(
          Effect.catchTag("Supervision.ActorDead", () =>
            // It has just ended, or it crashed and is coming back: the log tells which.
            Effect.flatMap(isOver(run_id), (over) => (over ? Effect.succeed(false) : ask))
          ),
          Effect.catchTag("Supervision.GaveUp", () => Effect.succeed(false))
        )
      })

      const isOver = (run_id: string) =>
        Effect.map(log.read({ run_id, types: ["run.ended"], limit: 1 }), (ended) => ended.length > 0)

      const stopRun = Effect.fnUntraced(function* (by: string) {
        const { run_id } = thread
        if (run_id === null) return false
        const run = yield* tree.getOrStart(runs, run_id)
        return yield* run
          .call<boolean>((reply): RunMessage => ({ _tag: "Stop", reason: "asked to", by, reply }), callTimeout)
          .pipe(Effect.catchTag("Supervision.ActorDead", () => Effect.map(isOver(run_id), (over) => !over)))
      })

      const send = Effect.fnUntraced(function* (message: IncomingMessage): Effect.fn.Return<Accepted, SendError> {
        const { client_message_id, mode, text, user_id } = message
        const before = client_message_id === null ? undefined : thread.seen.get(client_message_id)
        if (before !== undefined) return { _tag: "Repeated", message_id: before }
        const message_id = ulid()
        const model = yield* modelOf
        if (model === "off") {
          yield* appendMessage(message, message_id)
          log.publish(turnFailedTopic, { ...scope, payload: { message_id, client_message_id } })
        } else if (thread.run_id !== null && mode !== "steer") {
          yield* appendMessage(message, message_id)
          const queued = { message_id, text, user_id }
          if (mode === "queue") thread.queue.push(queued)
          else {
            thread.queue.unshift(queued)
            yield* stopRun(user_id)
          }
        } else {
          const payload = toPayload(message, message_id)
          const steered = thread.run_id !== null && (yield* steer(thread.run_id, payload))
          if (!steered) yield* startRun({ message_id, text, user_id }, payload, model)
        }
        if (client_message_id !== null) remember(thread.seen, client_message_id, message_id)
        return { _tag: "Taken", message_id }
      })

      const next = Effect.fnUntraced(function* () {
        const queued = thread.queue[0]
        if (thread.run_id !== null || queued === undefined) return
        const model = yield* modelOf
        if (model === "off") return
        yield* startRun(queued, null, model)
        thread.queue.shift()
      })

      yield* Effect.ignore(next())

      return (message: ChatMessage): Effect.Effect<void> => {
        switch (message._tag) {
          case "Send":
            return answer(send(message.message), message.reply)
          case "Stop": {
            thread.queue.length = 0
            return answer(stopRun(message.by), message.reply)
          }
          case "SwitchModel":
            return answer(
              Effect.gen(function* () {
                // Resolved to see that it exists; kept by the name that it was asked for with.
                yield* models.resolve(message.model)
                yield* log.append([
                  {
                    ...scope,
                    event_type: "chat.model_switched",
                    user_id: message.user_id,
                    payload: { model: message.model }
                  }
                ])
                thread.model = message.model
              }),
              message.reply
            )
          case "RunEnded": {
            if (thread.run_id !== message.run_id) return Effect.void
            thread.run_id = null
            return next().pipe(Effect.catch((error) => Effect.logError("A queued message could not be started", error)))
          }
        }
      }
    })
  })

/** The threads that are awake, each by its scope's key. */
export const chats = dynamic<ChatMessage, ReadError, EventLog | Models>({
  name: "chats",
  child: chatAgent,
  restart: "transient",
  shutdown: "2 seconds",
  intensity: 5,
  period: "1 minute"
})

/** Answers a call with what an effect gives. */
const answer = <A, E>(effect: Effect.Effect<A, E>, reply: Reply<A, E>): Effect.Effect<void> =>
  Effect.match(effect, {
    onSuccess: (value) => reply.succeed(value),
    onFailure: (error) => reply.fail(error)
  })

const toPayload = (message: IncomingMessage, message_id: string): EventPayloads["chat.user_msg"] => ({
  message_id,
  text: message.text,
  client_message_id: message.client_message_id,
  mode: message.mode
})

/** Client ids that are remembered a thread. */
const rememberedIds = 500

const remember = (seen: Map<string, string>, client_message_id: string, message_id: string): void => {
  seen.set(client_message_id, message_id)
  const oldest = seen.size > rememberedIds ? seen.keys().next().value : undefined
  if (oldest !== undefined) seen.delete(oldest)
}

interface Thread {
  agent: string
  model: string | null
  run_id: string | null
  readonly queue: Array<Queued>
  readonly seen: Map<string, string>
}

const loadThread = Effect.fnUntraced(function* (log: EventLog["Service"], scope: ThreadScope) {
  const recent = yield* log.read({
    ...scope,
    types: ["chat.user_msg", "run.started", "run.ended"],
    order: "desc",
    limit: lookBack
  })
  const settings = yield* log.read({
    ...scope,
    types: ["chat.thread_created", "chat.model_switched"],
    order: "desc",
    limit: 50
  })
  return [...settings.toReversed(), ...recent.toReversed()].reduce(evolveThread, {
    agent: "chat",
    model: null,
    run_id: null,
    queue: [],
    seen: new Map<string, string>()
  } satisfies Thread)
})

const evolveThread = (thread: Thread, event: Event): Thread => {
  if (isEvent(event, "chat.thread_created")) {
    return { ...thread, agent: event.payload.agent, model: event.payload.model ?? thread.model }
  }
  if (isEvent(event, "chat.model_switched")) return { ...thread, model: event.payload.model }
  if (isEvent(event, "run.started") && event.payload.parent_run_id === null) {
    const { trigger } = event.payload
    const taken =
      trigger.kind === "message" ? thread.queue.findIndex((queued) => queued.message_id === trigger.message_id) : -1
    if (taken >= 0) thread.queue.splice(taken, 1)
    return { ...thread, run_id: event.run_id }
  }
  if (isEvent(event, "run.ended")) return thread.run_id === event.run_id ? { ...thread, run_id: null } : thread
  if (isEvent(event, "chat.user_msg")) {
    const { client_message_id, message_id, mode, text } = event.payload
    if (client_message_id !== null) remember(thread.seen, client_message_id, message_id)
    if (event.run_id === null && mode !== "steer") {
      thread.queue.push({ message_id, text, user_id: event.user_id ?? "anonymous" })
    }
  }
  return thread
}
