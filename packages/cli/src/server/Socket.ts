/**
 * One connection of a WebSocket, frames of JSON both ways.
 *
 * Law: it is over once, and the listener hears of it once; a peer that is silent for too long counts as gone.
 */
import type { Server } from "./Server.ts"

export interface SocketListener {
  readonly onOpen: () => void
  /** A frame that is JSON. Others are dropped. */
  readonly onFrame: (frame: unknown) => void
  readonly onClose: (reason: string) => void
}

export interface Socket {
  /** Drops the frame when the connection is not open: what must arrive is sent again by who knows of it. */
  readonly send: (frame: unknown) => void
  readonly close: () => void
}

/** A ping goes out after this silence, in milliseconds; after twice of it the peer is gone. */
const silence = 20_000

export const openSocket = (
  server: Server,
  path: string,
  query: Readonly<Record<string, string>>,
  listener: SocketListener
): Socket => {
  const url = new URL(path, server.url)
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:"
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)

  const socket = new WebSocket(url, { headers: { ...server.headers } })
  let heard = Date.now()
  let over = false
  const end = (reason: string): void => {
    if (over) return
    over = true
    clearInterval(watch)
    socket.close()
    listener.onClose(reason)
  }
  const watch = setInterval(() => {
    const silent = Date.now() - heard
    if (silent > 2 * silence) end("silence")
    else if (silent > silence && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ping" }))
  }, silence / 4)

  socket.addEventListener("open", () => {
    if (!over) listener.onOpen()
  })
  socket.addEventListener("message", ({ data }) => {
    heard = Date.now()
    if (over || typeof data !== "string") return
    try {
      listener.onFrame(JSON.parse(data))
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error
    }
  })
  socket.addEventListener("close", ({ code, reason }) => end(reason === "" ? String(code) : reason))
  socket.addEventListener("error", () => end("error"))

  return {
    send: (frame) => {
      if (!over && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame))
    },
    close: () => {
      if (over) return
      over = true
      clearInterval(watch)
      socket.close(1000)
    }
  }
}
