/**
 * The one stream of events that the page lives on.
 *
 * Law: every durable event after the first `caught_up` reaches the listeners once, in `seq` order, whatever the socket does:
 * it resumes after the last `seq` that was delivered. What the log can't resume (another log, a shorter one) is told as a
 * reset, and the page takes its state anew. Delivery is in batches between paints, in slices that leave room for them.
 */
import { type Event, EventsServerFrame } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { isHandMoving, nextFrame } from "../ui/nextFrame.ts"
import { present } from "../ui/present.ts"
import { ApiError, inWords } from "./api.ts"
import { connectionStore } from "./Connection.ts"

export interface EventListener {
  /** Events in their order; one call a paint at most. */
  readonly events: (batch: ReadonlyArray<Event>) => void
  /** What nobody stores: a token delta, a drag. */
  readonly ephemeral: (topic: string, payload: unknown) => void
  /** The first connection, or a log that does not fit: take the state over HTTP, then go on with the events. */
  readonly reset: () => Promise<void>
}

/** Milliseconds of work after which a paint gets its turn; more of them where much has piled up, since each paint costs too. */
const slice = { live: 8, behind: 20 } as const
/** Frames that wait, from which on it is much; and how many of fewer are delivered with one paint, which has them to draw. */
const many = 400
const atOnce = 80
/** Waits between attempts, in milliseconds. */
const backoff = { first: 250, longest: 8_000 } as const
/**
 * Milliseconds of silence after which the connection is taken for dead, and how often that is looked at. The computer says
 * where it is every 15 seconds; a network that went away says nothing, also not that it did.
 */
const silence = { longest: 45_000, looked: 10_000 } as const

const decodeFrame = Schema.decodeUnknownOption(EventsServerFrame)

export class EventClient {
  readonly #listener: EventListener
  #socket: WebSocket | null = null
  /** The last `seq` that is known to be seen: what a resume starts after. */
  #seq: number | null = null
  #logId: string | null = null
  #queue: Array<unknown> = []
  /** The next frame delivers. */
  #planned = false
  #held = false
  #attempts = 0
  #replayed = 0
  #retry: ReturnType<typeof setTimeout> | null = null
  #watch: ReturnType<typeof setInterval> | null = null
  #heardAt = 0
  #closed = false

  constructor(listener: EventListener) {
    this.#listener = listener
  }

  get seq(): number | null {
    return this.#seq
  }

  get logId(): string | null {
    return this.#logId
  }

  /** Connects, and stays connected until `close`. */
  open(): void {
    this.#closed = false
    window.addEventListener("online", this.#now)
    document.addEventListener("visibilitychange", this.#whenSeenOtherwise)
    this.#watch = setInterval(this.#listen, silence.looked)
    this.#connect()
  }

  close(): void {
    this.#closed = true
    window.removeEventListener("online", this.#now)
    document.removeEventListener("visibilitychange", this.#whenSeenOtherwise)
    if (this.#watch !== null) clearInterval(this.#watch)
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#drop()
  }

  /** The next attempt is made at once. */
  readonly retryNow = (): void => this.#now()

  readonly #now = (): void => {
    if (this.#retry === null || this.#closed) return
    clearTimeout(this.#retry)
    this.#connect()
  }

  readonly #whenSeenOtherwise = (): void => {
    if (document.visibilityState === "visible") this.#now()
  }

  readonly #listen = (): void => {
    const socket = this.#socket
    if (socket === null || performance.now() - this.#heardAt < silence.longest) return
    this.#lost()
    socket.close()
  }

  #connect(): void {
    this.#retry = null
    this.#attempts += 1
    // What was lost is back when it answers, and not when it is tried.
    connectionStore.setState({ retryAt: null, attempts: this.#attempts })
    const socket = new WebSocket(new URL("/ws/events", location.href.replace(/^http/, "ws")))
    this.#socket = socket
    this.#heardAt = performance.now()
    socket.onopen = () => {
      if (socket !== this.#socket) return
      // Where it did not tell what is stored, it has yet to.
      if (connectionStore.getState().problem === null) connectionStore.setState({ status: "catching_up" })
      this.#replayed = 0
      this.#subscribe(socket)
    }
    socket.onmessage = ({ data }: MessageEvent) => {
      if (socket !== this.#socket || typeof data !== "string") return
      this.#heardAt = performance.now()
      this.#queue.push(data)
      this.#wake()
    }
    socket.onclose = () => {
      if (socket === this.#socket) this.#lost()
    }
  }

  #subscribe(socket: WebSocket): void {
    // It may be closing by the time that it is said to be open.
    if (socket.readyState !== WebSocket.OPEN) return
    const resume = this.#seq === null ? {} : { since_seq: this.#seq, log_id: this.#logId }
    socket.send(JSON.stringify({ type: "subscribe", topics: [">"], ...resume }))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    this.#queue = []
    socket?.close()
  }

  /** `problem`: it answers, but not with what is needed. */
  #lost(problem: string | null = null): void {
    // What came and was not delivered yet is asked for again.
    this.#socket = null
    this.#queue = []
    if (this.#closed) return
    if (this.#retry !== null) clearTimeout(this.#retry)
    const wait =
      Math.min(backoff.longest, backoff.first * 2 ** Math.max(0, this.#attempts - 1)) * (0.75 + Math.random() / 2)
    connectionStore.setState({ status: "offline", retryAt: present() + wait, problem })
    this.#retry = setTimeout(() => this.#connect(), wait)
  }

  #wake(): void {
    if (this.#planned || this.#held) return
    this.#planned = true
    nextFrame(() => this.#drain())
  }

  /** True: there is more, for the next frame. */
  #drain(): boolean {
    let isMore = false
    try {
      this.#deliver()
      isMore = this.#queue.length > 0 && !this.#held
    } finally {
      if (!isMore) this.#planned = false
    }
    return isMore
  }

  #deliver(): void {
    // What has piled up beside a hand comes in parts, too.
    const isMuch = this.#queue.length >= many && !isHandMoving()
    const until = performance.now() + (isMuch ? slice.behind : slice.live)
    const most = isMuch ? Number.POSITIVE_INFINITY : atOnce
    const batch: Array<Event> = []
    const flush = () => {
      if (batch.length > 0) this.#listener.events(batch.splice(0))
    }
    let taken = 0
    while (taken < Math.min(most, this.#queue.length) && !this.#held) {
      const frame = decoded(this.#queue[taken])
      taken += 1
      if (frame === null) continue
      if (frame.type === "event") {
        if (this.#seq !== null && frame.seq <= this.#seq) continue
        this.#seq = frame.seq
        this.#replayed += 1
        batch.push(frame.event)
      } else {
        flush()
        this.#take(frame)
      }
      if (performance.now() > until) break
    }
    this.#queue.splice(0, taken)
    flush()
  }

  #take(frame: Exclude<EventsServerFrame, { readonly type: "event" }>): void {
    switch (frame.type) {
      case "ephemeral":
        this.#listener.ephemeral(frame.topic, frame.payload)
        return
      case "caught_up": {
        const first = this.#logId === null
        this.#logId = frame.log_id
        this.#seq = Math.max(this.#seq ?? 0, frame.seq)
        if (first) this.#reset()
        else this.#live(this.#replayed)
        return
      }
      case "position":
        this.#seq = Math.max(this.#seq ?? 0, frame.seq)
        return
      case "reset":
        this.#seq = null
        this.#logId = null
        if (this.#socket !== null) this.#subscribe(this.#socket)
        return
      case "lagged":
        // The server goes on from the log by itself, and says when it is through.
        connectionStore.setState({ status: "catching_up" })
        this.#replayed = 0
        return
      case "pong":
      case "error":
        return
    }
  }

  /** While the state is taken over HTTP, events wait: each is newer than this subscription's beginning. */
  #reset(): void {
    this.#held = true
    const { reset } = this.#listener
    const socket = this.#socket
    reset().then(
      () => {
        this.#held = false
        // Where it was lost meanwhile, the next connection says when it is live.
        if (this.#socket === socket) this.#live(null)
        this.#wake()
      },
      (error: unknown) => {
        console.error("The state could not be taken; trying again", error)
        this.#held = false
        this.#seq = null
        this.#logId = null
        const current = this.#socket
        this.#lost(error instanceof ApiError && error.status === 0 ? null : inWords(error))
        current?.close()
      }
    )
  }

  #live(replayed: number | null): void {
    this.#attempts = 0
    connectionStore.setState({ status: "live", attempts: 0, problem: null, ...(replayed === null ? {} : { replayed }) })
  }
}

const decoded = (data: unknown): EventsServerFrame | null => {
  if (typeof data !== "string") return null
  try {
    return Option.getOrNull(decodeFrame(JSON.parse(data)))
  } catch {
    return null
  }
}
