/**
 * A thread, held on to: live over the chat socket, and after a cut from the log.
 *
 *   connecting ── up ──▶ live ── cut ──▶ waiting ── retry ──▶ catching up (log) ──▶ live
 *
 * Law: what happens in the thread is told once and in order, over any number of cuts; a message that was given here is in
 * the log once, however often it had to be sent (`client_message_id`).
 */
import { type Event, EventsReply, ThreadsReply, ulid } from "@choiros/protocol"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { get, type Server, type ServerError, Unreachable } from "../server/Server.ts"
import { openSocket, type Socket } from "../server/Socket.ts"
import { conversationTypes, type Happening, ofEvents, ofFrame } from "./Happening.ts"

export interface ThreadScope {
  readonly actor_id: string
  readonly session_id: string
  readonly thread_id: string
}

export interface LinkListener {
  /** `running`: a turn is under way. The first time with what was said before, oldest first. */
  readonly onUp: (up: { readonly history: ReadonlyArray<Happening>; readonly running: boolean; readonly first: boolean }) => void
  readonly onDown: () => void
  readonly onHappening: (happening: Happening) => void
}

export interface ChatLink {
  /** Gives a message; it is sent now, or when the server is back. Returns its `client_message_id`. */
  readonly say: (text: string, mode: "steer" | "queue") => string
  /** Ends the turn. Nothing when there is no connection. */
  readonly stop: () => void
  readonly switchModel: (model: string) => void
  /** Messages given here that have no end yet. */
  readonly open: () => number
}

interface Said {
  readonly text: string
  readonly mode: "steer" | "queue"
}

/** Events of the past that are shown at the start. */
const historyLength = 60
const firstPause = 250
const longestPause = 4_000

/** Connects, and fails when that is not possible; from then on it keeps connected until the scope closes. */
export const openChat = (
  server: Server,
  scope: ThreadScope,
  user_id: string,
  listener: LinkListener
): Effect.Effect<ChatLink, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const link = new Link(server, scope, user_id, listener)
    yield* Effect.addFinalizer(() => Effect.sync(() => link.close()))
    yield* link.connect(true)
    yield* Effect.forkScoped(link.keep)
    return link
  })

class Link implements ChatLink {
  readonly #server: Server
  readonly #scope: ThreadScope
  readonly #user: string
  readonly #listener: LinkListener
  /** Given and not ended, by `client_message_id`, in their order. */
  readonly #said = new Map<string, Said>()
  readonly #told = new Set<string>()
  #socket: Socket | null = null
  /** Everything up to this `seq` is told. */
  #seq = 0
  #cut: () => void = () => {}

  constructor(server: Server, scope: ThreadScope, user: string, listener: LinkListener) {
    this.#server = server
    this.#scope = scope
    this.#user = user
    this.#listener = listener
  }

  say(text: string, mode: "steer" | "queue"): string {
    const id = ulid()
    this.#said.set(id, { text, mode })
    this.#send(id, { text, mode })
    return id
  }

  stop(): void {
    this.#socket?.send({ type: "stop" })
  }

  switchModel(model: string): void {
    this.#socket?.send({ type: "switch_model", model })
  }

  open(): number {
    return this.#said.size
  }

  close(): void {
    this.#socket?.close()
    this.#socket = null
  }

  /** One connection, from the socket's opening to its end; succeeds when it is live. */
  connect(first: boolean): Effect.Effect<void, ServerError> {
    return Effect.gen({ self: this }, function* () {
      // What comes live while the log is read waits until the log is told.
      let waiting: Array<Happening> | null = []
      const socket = yield* this.#open((happening) => {
        if (waiting === null) this.#tell(happening)
        else waiting.push(happening)
      })
      const caughtUp = yield* Effect.exit(this.#catchUp(first))
      if (caughtUp._tag === "Failure") {
        socket.close()
        return yield* caughtUp
      }
      const { happenings, running } = caughtUp.value
      this.#socket = socket
      if (first) {
        for (const happening of happenings) this.#remember(happening)
        this.#listener.onUp({ history: happenings, running, first })
      } else {
        this.#listener.onUp({ history: [], running, first })
        for (const happening of happenings) this.#tell(happening)
      }
      const late = waiting
      waiting = null
      for (const happening of late) this.#tell(happening)
      for (const [id, said] of this.#said) this.#send(id, said)
    })
  }

  /** Waits for the end of a connection and makes the next, for as long as it lives. */
  get keep(): Effect.Effect<never> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        yield* this.#ended
        this.#socket = null
        this.#listener.onDown()
        let pause = firstPause
        while ((yield* Effect.exit(this.connect(false)))._tag === "Failure") {
          yield* Effect.sleep(pause)
          pause = Math.min(pause * 2, longestPause)
        }
      }
    })
  }

  get #ended(): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.#socket === null) return resume(Effect.void)
      this.#cut = () => resume(Effect.void)
    })
  }

  #open(onHappening: (happening: Happening) => void): Effect.Effect<Socket, ServerError> {
    const { actor_id, session_id, thread_id } = this.#scope
    const path = `ws/chat/${encodeURIComponent(actor_id)}`
    const query = { user_id: this.#user, session_id, thread_id }
    const opened = Effect.callback<Socket, Unreachable>((resume) => {
      const socket = openSocket(this.#server, path, query, {
        onOpen: () => resume(Effect.succeed(socket)),
        onFrame: (frame) => {
          const happening = ofFrame(frame)
          if (happening !== null) onHappening(happening)
        },
        onClose: (reason) => {
          resume(Effect.fail(new Unreachable({ message: `The connection was closed (${reason}).` })))
          if (this.#socket === socket) {
            this.#socket = null
            this.#cut()
          }
        }
      })
      return Effect.sync(() => socket.close())
    })
    // A socket that is refused doesn't say why; the same door over HTTP does.
    return Effect.catch(opened, (error) => Effect.andThen(this.#running, Effect.fail(error)))
  }

  #catchUp(first: boolean) {
    return Effect.gen({ self: this }, function* () {
      const running = yield* this.#running
      const events = yield* first ? this.#newest : this.#since
      return { happenings: ofEvents(events), running }
    })
  }

  get #running(): Effect.Effect<boolean, ServerError> {
    const { actor_id, session_id, thread_id } = this.#scope
    return Effect.map(get(this.#server, `chat/${encodeURIComponent(actor_id)}/threads`, ThreadsReply), ({ threads }) =>
      threads.some((one) => one.session_id === session_id && one.thread_id === thread_id && one.active_run_id !== null)
    )
  }

  get #newest(): Effect.Effect<ReadonlyArray<Event>, ServerError> {
    const query = { ...this.#scope, type: conversationTypes, order: "desc", limit: historyLength }
    return Effect.map(get(this.#server, "events", EventsReply, query), ({ events, head }) => {
      this.#seq = head
      return events.toReversed()
    })
  }

  get #since(): Effect.Effect<ReadonlyArray<Event>, ServerError> {
    return Effect.gen({ self: this }, function* () {
      const all: Array<Event> = []
      let since = this.#seq
      for (;;) {
        const query = { ...this.#scope, type: conversationTypes, since_seq: since, limit: 1_000 }
        const page = yield* get(this.#server, "events", EventsReply, query)
        all.push(...page.events)
        if (page.next_seq === null) return all
        since = page.next_seq
      }
    })
  }

  #tell(happening: Happening): void {
    if (this.#remember(happening)) this.#listener.onHappening(happening)
  }

  /** False when it was told before. */
  #remember(happening: Happening): boolean {
    if (happening._tag === "Answered" || happening._tag === "Failed") {
      if (happening.client_message_id !== null) this.#said.delete(happening.client_message_id)
    }
    if (!("key" in happening) || happening.key === null) return true
    if (this.#told.has(happening.key)) return false
    this.#told.add(happening.key)
    return true
  }

  #send(id: string, { mode, text }: Said): void {
    this.#socket?.send({ type: "message", text, client_message_id: id, mode })
  }
}
