/** What the host says to the server, and nothing else writes to the channel. */
import type { Socket } from "node:net"
import { encodeFrame } from "../frames.ts"
import type { FromHost } from "../messages.ts"

export class Outbox {
  private readonly socket: Socket

  constructor(socket: Socket) {
    this.socket = socket
  }

  send(message: FromHost, payload?: Uint8Array): void {
    if (this.socket.destroyed) return
    this.socket.cork()
    for (const part of encodeFrame(message, payload)) this.socket.write(part)
    this.socket.uncork()
  }
}
