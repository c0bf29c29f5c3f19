/**
 * What is said to the computer and stored nowhere: that the person acts, and where a window is while it is dragged.
 *
 * Law: nothing of it matters when it is lost. Of what comes too fast the last is said, a little later: the person was never
 * idle for longer than the computer thinks, and a window that rests is where it was seen last. The socket is opened when there
 * is something to say, and again after it closed.
 */

/** In milliseconds. A drag that rests is said again, or other screens take it for one that was left. */
const dragEvery = 50
const restEvery = 1_000
const activeEvery = 1_000

interface Drag {
  readonly window_id: string
  readonly x: number
  readonly y: number
  readonly width?: number
  readonly height?: number
  readonly op_id: string
}

export class DesktopLink {
  readonly #desktopId: string
  #socket: WebSocket | null = null
  #held: Drag | null = null
  #draggedAt = Number.NEGATIVE_INFINITY
  #dragTimer: ReturnType<typeof setTimeout> | undefined
  #activeAt = Number.NEGATIVE_INFINITY
  #activeTimer: ReturnType<typeof setTimeout> | undefined
  /** Where the person has acted since that was said. */
  #touched: string | null = null
  /** Said while the socket was opening. */
  #wasActive = false

  constructor(desktopId: string) {
    this.#desktopId = desktopId
  }

  /** At most 20 a second are sent, until `letGo`. */
  drag(drag: Drag): void {
    const isDue = this.#held === null || performance.now() - this.#draggedAt >= dragEvery
    this.#held = drag
    if (isDue) this.#sayDrag()
    else this.#dragIn(dragEvery - (performance.now() - this.#draggedAt))
  }

  /** The drag is over; `back` is where the window is again, where nothing else will say so. */
  letGo(back?: Drag): void {
    clearTimeout(this.#dragTimer)
    this.#held = null
    if (back !== undefined) this.#say({ type: "drag", ...back })
  }

  /** The person does something, in a window or elsewhere: an agent's window does not come to the front now. */
  active(window_id: string | null = null): void {
    this.#touched = window_id ?? this.#touched
    if (this.#activeTimer !== undefined) return
    const wait = this.#activeAt + activeEvery - performance.now()
    if (wait > 0) this.#activeTimer = setTimeout(() => this.#sayActive(), wait)
    else this.#sayActive()
  }

  #sayDrag(): void {
    if (this.#held === null) return
    this.#draggedAt = performance.now()
    this.#say({ type: "drag", ...this.#held })
    this.#dragIn(restEvery)
  }

  #dragIn(milliseconds: number): void {
    clearTimeout(this.#dragTimer)
    this.#dragTimer = setTimeout(() => this.#sayDrag(), milliseconds)
  }

  #sayActive(): void {
    this.#activeTimer = undefined
    this.#activeAt = performance.now()
    if (this.#say(this.#active())) this.#touched = null
    else this.#wasActive = true
  }

  #active(): object {
    return { type: "active", ...(this.#touched === null ? {} : { window_id: this.#touched }) }
  }

  /** True when it was sent. */
  #say(frame: object): boolean {
    const socket = this.#socket ?? this.#open()
    if (socket.readyState !== WebSocket.OPEN) return false
    socket.send(JSON.stringify(frame))
    return true
  }

  #open(): WebSocket {
    const socket = new WebSocket(new URL("/ws", location.href.replace(/^http/, "ws")))
    this.#socket = socket
    socket.onopen = () => {
      // It may be closing by the time that it is said to be open.
      if (socket.readyState !== WebSocket.OPEN) return
      socket.send(JSON.stringify({ type: "subscribe", desktop_id: this.#desktopId }))
      if (this.#wasActive) socket.send(JSON.stringify(this.#active()))
      this.#wasActive = false
      this.#touched = null
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#wasActive = false
    }
    return socket
  }
}
