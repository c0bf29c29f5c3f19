/**
 * One terminal of the computer, over its socket.
 *
 *   connecting ── info ──▶ live ── the shell ends ──▶ exited ── start again ──▶ connecting
 *        ▲                  │ socket closed
 *        └── retry ── offline ◀─┘
 *
 * Law: a shell that has ended starts again only when a person asks. A new socket begins with a fresh screen and goes on from
 * its offset, so nothing is missed and nothing comes twice. What is typed while it opens reaches the shell when it is open.
 */
import { TerminalInfoReply, TerminalServerFrame } from "@choiros/protocol"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { createStore } from "zustand/vanilla"
import { ApiError, get, inWords, path } from "../../client/api.ts"
import { me } from "../../state/session.ts"
import { present } from "../../ui/present.ts"

export type TerminalStatus =
  | { readonly phase: "connecting" }
  | { readonly phase: "live" }
  | { readonly phase: "exited"; readonly exit_code: number | null; readonly signal: string | null }
  /** `retryAt` as `present()` tells time. */
  | { readonly phase: "offline"; readonly retryAt: number }
  | { readonly phase: "refused"; readonly message: string }

export interface Size {
  readonly rows: number
  readonly cols: number
}

export interface SessionListener {
  readonly output: (data: string, offset: number | null, fresh: boolean) => void
  /** The size that holds, whoever has decided it. */
  readonly sized: (size: Size) => void
  readonly connected: () => void
  /** Something could not be done, in words. */
  readonly said: (message: string) => void
}

const backoff = { first: 250, longest: 8_000 } as const
/** Characters that are kept of what is typed before there is a connection; a hand types no more. */
const typedAheadLimit = 64 * 1024

const decodeFrame = Schema.decodeUnknownOption(TerminalServerFrame)

export class TerminalSession {
  readonly status = createStore<TerminalStatus>(() => ({ phase: "connecting" }))
  readonly #id: string
  readonly #listener: SessionListener
  #folder: string | null
  #socket: WebSocket | null = null
  #attempts = 0
  /** What is typed while the connection opens: it is for the shell that comes, and goes with the attempt. */
  #typedAhead = ""
  /** Bytes of output. */
  #drawn = 0
  #retry: ReturnType<typeof setTimeout> | null = null
  #closed = false

  /** `folder`: where a new shell begins; null where the last command of this terminal left off. */
  constructor(terminal_id: string, folder: string | null, listener: SessionListener) {
    this.#id = terminal_id
    this.#folder = folder
    this.#listener = listener
  }

  open(): void {
    window.addEventListener("online", this.#now)
    this.#connect()
  }

  /** Ends nothing but the connection. */
  close(): void {
    this.#closed = true
    window.removeEventListener("online", this.#now)
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#drop()
  }

  input(data: string): void {
    if (this.#socket?.readyState !== WebSocket.CONNECTING) this.#send({ type: "input", data })
    else if (this.#typedAhead.length + data.length <= typedAheadLimit) this.#typedAhead += data
  }

  resize({ cols, rows }: Size): void {
    if (cols > 0 && rows > 0) this.#send({ type: "resize", rows, cols })
  }

  drawn(offset: number): void {
    this.#drawn = offset
    this.#send({ type: "ack", offset })
  }

  /** Connects at once: the retry that is due, or a new shell where the last one has ended. */
  readonly again = (): void => {
    if (this.#closed) return
    if (this.#retry !== null) clearTimeout(this.#retry)
    this.#drop()
    this.#connect()
  }

  readonly #now = (): void => {
    if (this.#retry !== null) this.again()
  }

  #send(frame: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame))
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.close()
  }

  #connect(): void {
    this.#retry = null
    this.#attempts += 1
    this.status.setState({ phase: "connecting" }, true)
    const address = new URL(path`ws/terminal/${this.#id}`, location.href.replace(/^http/, "ws"))
    address.searchParams.set("user_id", me)
    if (this.#folder !== null) address.searchParams.set("working_dir", this.#folder)
    const socket = new WebSocket(address)
    this.#socket = socket
    let opened = false
    socket.onopen = () => {
      opened = true
      if (socket !== this.#socket) return
      // From now on the server holds back what is not drawn yet.
      this.#send({ type: "ack", offset: this.#drawn })
      this.#listener.connected()
      const data = this.#typedAhead
      this.#typedAhead = ""
      if (data !== "") this.#send({ type: "input", data })
    }
    socket.onmessage = ({ data }: MessageEvent) => {
      const frame = socket === this.#socket ? decoded(data) : null
      if (frame !== null) this.#take(frame)
    }
    socket.onclose = () => {
      if (socket !== this.#socket) return
      this.#socket = null
      if (opened) this.#lost()
      else void this.#refused()
    }
  }

  #take(frame: TerminalServerFrame): void {
    switch (frame.type) {
      case "info": {
        const { cols, exit_code = null, is_running, rows, signal = null } = frame
        this.#attempts = 0
        if (cols !== undefined && rows !== undefined) this.#listener.sized({ cols, rows })
        // How it ended is said once; a new size of what has ended says nothing of it.
        const said = this.status.getState().phase === "exited" && exit_code === null && signal === null
        if (is_running) this.status.setState({ phase: "live" }, true)
        else if (!said) this.status.setState({ phase: "exited", exit_code, signal }, true)
        return
      }
      case "output":
        this.#listener.output(frame.data, frame.offset ?? null, frame.screen === true)
        return
      case "error":
        this.#listener.said(frame.message)
        return
      case "lagged":
      case "pong":
        return
    }
  }

  #lost(): void {
    // Nobody sees any more what it would be typed into.
    this.#typedAhead = ""
    if (this.#closed || this.status.getState().phase === "exited") return
    const wait = Math.min(backoff.longest, backoff.first * 2 ** this.#attempts) * (0.75 + Math.random() / 2)
    this.status.setState({ phase: "offline", retryAt: present() + wait }, true)
    this.#retry = setTimeout(() => this.again(), wait)
  }

  /** A browser does not say why an upgrade was refused: the folder may be outside of the workspace, or the computer away. */
  async #refused(): Promise<void> {
    if (this.#folder !== null) {
      this.#folder = null
      this.#connect()
      return
    }
    try {
      await get(path`api/terminals/${this.#id}/info`, TerminalInfoReply, { user_id: me })
    } catch (error) {
      if (error instanceof ApiError && error.status !== 0 && !this.#closed && this.#socket === null) {
        this.status.setState({ phase: "refused", message: inWords(error) }, true)
        return
      }
    }
    if (this.#socket === null) this.#lost()
  }
}

const decoded = (data: unknown): TerminalServerFrame | null => {
  if (typeof data !== "string") return null
  try {
    return Option.getOrNull(decodeFrame(JSON.parse(data)))
  } catch {
    return null
  }
}
