/**
 * What is said to the computer and stored nowhere: that the person acts, and where a window is while it is dragged.
 *
 * Law: nothing of it matters when it is lost. The socket is opened when there is something to say, and again after it closed.
 */

const dragEvery = 50
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
  #draggedAt = 0
  #activeAt = 0
  /** Said while the socket was opening. */
  #wasActive = false

  constructor(desktopId: string) {
    this.#desktopId = desktopId
  }

  /** At most 20 a second are sent. */
  drag(drag: Drag): void {
    const now = performance.now()
    if (now - this.#draggedAt < dragEvery) return
    this.#draggedAt = now
    this.#say({ type: "drag", ...drag })
  }

  /** The person does something: an agent's window does not come to the front now. */
  active(): void {
    const now = performance.now()
    if (now - this.#activeAt < activeEvery) return
    this.#activeAt = now
    if (!this.#say({ type: "active" })) this.#wasActive = true
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
      if (this.#wasActive) socket.send(JSON.stringify({ type: "active" }))
      this.#wasActive = false
    }
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#wasActive = false
    }
    return socket
  }
}
