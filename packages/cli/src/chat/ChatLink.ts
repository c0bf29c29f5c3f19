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
  readonly onUp: (up: {
    readonly history: ReadonlyArray<Happening>
    readonly running: boolean
    readonly first: boolean
  }) => void
  readonly onDown: () => void
  readonly onHappening: (happening: Happening) => void
}

export interface ChatLink {
  /** Gives a message; it is sent now, or when the server is back. Returns its `client_message_id`. */
  readonly say: (text: string, mode: "steer" | "queue") => string
  /** Ends the turn. Nothing when there is no connection. */
  readonly stop: () => void
  readonly switchModel: (model: string) => void
  /** A turn is under way, as far as is known: a message has no end yet. */
  readonly busy: () => boolean
}

interface Said {
  readonly text: string
  readonly mode: "steer" | "queue"
}

/** Events of the past that are looked through at the start. */
const historyLength = 200
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
  /** All that were ever given here. */
  readonly #own = new Set<string>()
  /** Keys of what was told. */
  readonly #told = new Set<string>()
  /** Heard, and not yet told. */
  readonly #heard: Array<Happening> = []
  #asking = false
  /** Messages of ours that the server is about to acknowledge. */
  #expected = 0
  /** Messages of others that have no end yet. */
  #others = 0
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
    this.#own.add(id)
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

  busy(): boolean {
    return this.#said.size > 0 || this.#others > 0
  }

  close(): void {
    this.#socket?.close()
    this.#socket = null
  }

  /** One connection; succeeds when it is live and all before it is told. */
  connect(first: boolean): Effect.Effect<void, ServerError> {
    return Effect.gen({ self: this }, function* () {
      // What comes live while the log is read waits until the log is told.
      const live: Array<Happening> = []
      let isLive = false
      const { isClosed, socket } = yield* this.#open((happening) => {
        if (isLive) this.#hear(happening)
        else live.push(happening)
      })
      const { happenings, running } = yield* this.#catchUp(first).pipe(
        Effect.onExit((exit) => Effect.sync(() => exit._tag === "Failure" && socket.close()))
      )
      if (isClosed()) return yield* new Unreachable({ message: "The connection was closed." })
      this.#socket = socket
      this.#expected = 0
      this.#others = running && this.#said.size === 0 ? 1 : 0
      if (first) {
        for (const happening of happenings) this.#isNew(happening)
        this.#listener.onUp({ history: happenings, running, first })
      } else {
        this.#listener.onUp({ history: [], running, first })
        for (const happening of happenings) this.#tell(happening)
      }
      isLive = true
      for (const happening of live) this.#hear(happening)
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
      if (this.#socket === null) resume(Effect.void)
      else this.#cut = () => resume(Effect.void)
    })
  }

  #open(
    onHappening: (happening: Happening) => void
  ): Effect.Effect<{ readonly socket: Socket; readonly isClosed: () => boolean }, ServerError> {
    const { actor_id, session_id, thread_id } = this.#scope
    const path = `ws/chat/${encodeURIComponent(actor_id)}`
    const query = { user_id: this.#user, session_id, thread_id }
    const opened = Effect.callback<{ socket: Socket; isClosed: () => boolean }, Unreachable>((resume) => {
      let closed = false
      const socket = openSocket(this.#server, path, query, {
        onOpen: () => resume(Effect.succeed({ socket, isClosed: () => closed })),
        onFrame: (frame) => {
          const happening = ofFrame(frame)
          if (happening !== null) onHappening(happening)
        },
        onClose: (reason) => {
          closed = true
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

  /** In their order, also when the text of a message has to be asked for in between. */
  #hear(happening: Happening): void {
    this.#heard.push(happening)
    if (!this.#asking) this.#tellHeard()
  }

  #tellHeard(): void {
    for (let next = this.#heard.shift(); next !== undefined; next = this.#heard.shift()) {
      if (next._tag !== "Processing") this.#tell(next)
      else if (this.#expected > 0) this.#expected -= 1
      else {
        this.#askWho()
        return
      }
    }
  }

  /** Somebody else has said something: the frame doesn't tell what, and the log does. */
  #askWho(): void {
    this.#asking = true
    const query = { ...this.#scope, type: "chat.user_msg", order: "desc", limit: 10 }
    const asked = Effect.map(get(this.#server, "events", EventsReply, query), ({ events }) =>
      ofEvents(events.filter(({ seq }) => seq > this.#seq).toReversed())
    )
    // Without an answer the connection is about to be cut, and what was said comes with the log.
    Effect.runFork(
      Effect.map(
        Effect.orElseSucceed(asked, () => []),
        (happenings) => {
          for (const happening of happenings) this.#tell(happening)
          this.#asking = false
          this.#tellHeard()
        }
      )
    )
  }

  #tell(happening: Happening): void {
    if (!this.#isNew(happening)) return
    switch (happening._tag) {
      case "Asked": {
        // What was said here is known here.
        if (this.#own.has(happening.client_message_id ?? "")) return
        this.#others += 1
        break
      }
      case "Answered":
      case "Failed": {
        const id = happening.client_message_id
        if (id === null || !this.#said.delete(id)) this.#others = Math.max(0, this.#others - 1)
        break
      }
    }
    this.#listener.onHappening(happening)
  }

  /** False when it was told before. */
  #isNew(happening: Happening): boolean {
    if (!("key" in happening) || happening.key === null) return true
    if (this.#told.has(happening.key)) return false
    this.#told.add(happening.key)
    return true
  }

  #send(id: string, { mode, text }: Said): void {
    if (this.#socket === null) return
    this.#expected += 1
    this.#socket.send({ type: "message", text, client_message_id: id, mode })
  }
}
